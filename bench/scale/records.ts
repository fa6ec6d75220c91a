import { KIND, label } from '../../src/labels.ts';
import type { Engine } from '../../src/engine/index.ts';
import { generationId, serviceName } from '../../src/rollout/generation.ts';
import { SwarmStore, type AppRecord, type ReleaseRecord } from '../../src/store/index.ts';

export interface Size {
  readonly apps: number;
  readonly releases: number;
  /** Of each app. */
  readonly tasks: number;
}

/** How many writers at a time: Raft takes them one after the other anyway. */
const WRITERS = 16;
const nameOf = (n: number): string => `app-${String(n).padStart(3, '0')}`;

function appOf(n: number, { releases, tasks }: Size): AppRecord {
  const MiB = 1024 ** 2;
  return {
    id: nameOf(n),
    name: nameOf(n),
    stack: 'debian-13',
    createdAt: '2026-01-01T00:00:00.000Z',
    maintenance: false,
    domains: [`www.${nameOf(n)}.example.com`],
    buildpacks: [],
    formation: {
      web: { quantity: tasks, memoryBytes: 512 * MiB, cpus: 1 },
      worker: { quantity: 0, memoryBytes: 512 * MiB, cpus: 1 },
    },
    lastRelease: releases,
    live: { release: releases, incarnation: 1 },
    ...(releases > 1 ? { previous: { release: releases - 1, incarnation: 1 } } : {}),
  };
}

/** Twelve config vars of 48 characters. */
function releaseOf(app: string, version: number): ReleaseRecord {
  return {
    app,
    version,
    createdAt: '2026-01-01T00:00:00.000Z',
    by: 'ada@example.com',
    description: 'Deploy 1a2b3c4',
    image: `sha256:${'a'.repeat(64)}`,
    build: 'f'.repeat(16),
    ref: '1a2b3c4',
    kind: 'buildpacks',
    stack: 'debian-13',
    config: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`CONFIG_VAR_${i}`, 'x'.repeat(48)])),
    processTypes: { web: 'node server.js', worker: 'node worker.js' },
  };
}

/** Writes all records; answers milliseconds for each. */
export async function writeRecords(engine: Engine, size: Size): Promise<number> {
  const store = new SwarmStore(engine);
  const began = performance.now();
  await inParallel(size.apps, async (n) => {
    for (let version = 1; version <= size.releases; version += 1)
      await store.releases.create(releaseOf(nameOf(n), version), { status: 'succeeded' });
    await store.apps.create(appOf(n, size));
  });
  return (performance.now() - began) / (size.apps * (size.releases + 1));
}

/** A service for each app, whose tasks have addresses and wait for a node that never comes: Swarm holds them, no container runs. */
export async function createWaitingServices(engine: Engine, network: string, size: Size): Promise<void> {
  await inParallel(size.apps, async (n) => {
    const generation = { release: size.releases, incarnation: 1 };
    const labels = {
      [label.kind]: KIND.process,
      [label.app]: nameOf(n),
      [label.type]: 'web',
      [label.release]: String(generation.release),
      [label.generation]: generationId(nameOf(n), generation),
      [label.port]: '8080',
    };
    await engine.createService({
      name: serviceName(nameOf(n), 'web', generation),
      labels,
      containerLabels: labels,
      image: 'none',
      env: {},
      networks: [{ id: network }],
      replicas: size.tasks,
      constraints: ['node.labels.none==1'],
      endpointMode: 'dnsrr',
      restart: { condition: 'any', delayMs: 1000 },
    });
  });
}

/** Bytes of the records as Swarm keeps them: names, labels and data. */
export async function storedBytes(engine: Engine): Promise<number> {
  const all = await engine.configs({});
  const labels = (object: { labels: Readonly<Record<string, string>> }): number =>
    Object.entries(object.labels).reduce((sum, [key, value]) => sum + key.length + Buffer.byteLength(value), 0);
  return all.reduce((sum, object) => sum + object.name.length + object.data.length + labels(object), 0);
}

async function inParallel(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      while (next < count) await work(next++);
    }),
  );
}
