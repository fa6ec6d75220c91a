import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation } from '../../src/api/index.ts';
import { Secret, type NumberedEvent } from '../../src/events/index.ts';
import type { RegistryAccess } from '../../src/registry/cluster-images.ts';
import type { NodeEngines } from '../../src/nodes/engines/node-engines.ts';
import type { Caller } from '../../src/platform/index.ts';
import { createPlatform, type RunningPlatform } from '../../src/platform/create.ts';
import { SwarmStore, type ClusterRecord } from '../../src/store/index.ts';
import { FakeClock, settle } from '../fakes/fake-clock.ts';
import { FakeEngine, type FakeEngineOptions } from '../fakes/fake-engine.ts';

export const caller: Caller = { user: 'ada', role: 'admin', tokenId: 't1' };

const cluster: ClusterRecord = {
  name: 'test',
  version: '0.0.0',
  createdAt: '2026-01-01T00:00:00Z',
  domain: 'my.paas',
  httpPort: 80,
  httpsPort: 443,
  publish: 'host',
  defaultStack: 'debian-13',
  stacks: { 'debian-13': { buildImage: 'build', runImage: 'run' } },
  images: { controller: 'c', router: 'r' },
  provider: 'local',
};

/** By which its routers are known. */
export const ROUTER_TOKEN = 'router-token';

const silent = {
  info: () => undefined,
  warn: () => undefined,
  error: (facts: object) => void process.stderr.write(`${JSON.stringify(facts)}\n`),
};

/** The beginning of a world's time, a whole second as Docker's. */
const BEGINNING = Date.parse('2026-11-01T12:00:00Z');

/**
 * A platform on a fake engine, with a router that takes every table at once, and tasks whose ports `listening` decides.
 * Its time stands still but for `until`, `follow` and the clock's own methods.
 */
export class World {
  readonly clock = new FakeClock(BEGINNING);
  readonly engine: FakeEngine;
  readonly store: SwarmStore;
  listening: (address: string, port: number) => boolean = () => true;
  /** What names of registries resolve to; no other name exists. */
  addresses: Readonly<Record<string, readonly string[]>> = {};
  /** For the next `boot`: reads sources in threads. */
  sourceWorker: URL | undefined;
  readonly #dataDir: string;
  readonly #registry: RegistryAccess | undefined;
  /** Of a cluster whose other nodes have engines of their own. */
  readonly #engines: NodeEngines | undefined;
  readonly #life = new AbortController();
  platform!: RunningPlatform;
  /** The router's table, as it serves it. */
  table: Awaited<ReturnType<RunningPlatform['routers']['poll']>>;
  inFlight: Record<string, number> = {};
  #killed = { dead: false };

  private constructor(
    dataDir: string,
    options: FakeEngineOptions,
    registry: RegistryAccess | undefined,
    engines: ((local: FakeEngine) => NodeEngines) | undefined,
  ) {
    this.engine = new FakeEngine({ clock: this.clock, ...options });
    this.store = new SwarmStore(this.engine);
    this.#registry = registry;
    this.#engines = engines?.(this.engine);
    this.#dataDir = dataDir;
  }

  /** One node when none are given. */
  static async create(
    options: FakeEngineOptions = {},
    settings: Partial<ClusterRecord> = {},
    registry?: RegistryAccess,
    engines?: (local: FakeEngine) => NodeEngines,
  ): Promise<World> {
    const world = new World(await mkdtemp(join(tmpdir(), 'mothership-world-')), options, registry, engines);
    world.engine.imageStore.publish('hello:1');
    world.engine.imageStore.publish('hello:2');
    await world.engine.createNetwork({ name: 'mothership-proxy', driver: 'overlay', labels: {} });
    await world.store.cluster.put({ ...cluster, ...settings });
    await world.boot();
    void world.#route();
    return world;
  }

  /** Starts a controller. */
  async boot(hostName?: string): Promise<void> {
    this.#killed = { dead: false };
    this.platform = await createPlatform({
      engine: mortal(this.engine, this.#killed),
      dataDir: this.#dataDir,
      clock: this.clock,
      logger: silent,
      version: 'test',
      routerToken: new Secret(ROUTER_TOKEN),
      probe: async (address, port) => (this.listening(address, port) ? 'accepted' : 'refused'),
      resolve: (host) =>
        Object.hasOwn(this.addresses, host)
          ? Promise.resolve(this.addresses[host]!)
          : Promise.reject(new Error(`no address of ${host}`)),
      ...(hostName ? { hostName } : {}),
      ...(this.#registry ? { registry: this.#registry } : {}),
      ...(this.#engines ? { engines: this.#engines } : {}),
      box: join(import.meta.dirname, '..', '..', 'templates/images/dockerfile-box'),
      ...(this.sourceWorker ? { sourceWorker: this.sourceWorker } : {}),
    });
    await this.platform.start();
  }

  /** As a power cut ends it: whatever it was waiting for never comes, and its leases stay until they expire. */
  kill(): void {
    this.#killed.dead = true;
  }

  /** As Swarm ends it: the process has time to put things in order, and what it was doing is never done. */
  async stop(): Promise<void> {
    await this.platform.stop();
    this.#killed.dead = true;
  }

  async close(): Promise<void> {
    this.#life.abort();
    await this.platform.stop();
    await settle();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async #route(): Promise<void> {
    while (!this.#life.signal.aborted) {
      const report = { id: 'router-1', applied: this.table?.version ?? 0, inFlight: this.inFlight };
      const held = new AbortController();
      const hold = AbortSignal.any([this.#life.signal, held.signal]);
      this.clock.sleep(200, hold).then(
        () => held.abort(),
        () => undefined,
      );
      this.table = (await this.platform.routers.poll(report, hold)) ?? this.table;
      held.abort();
    }
  }

  /** Lets time pass until it holds; throws when it does not within `withinMs` of the world's time. */
  until(holds: () => unknown, withinMs = 60_000): Promise<void> {
    return this.clock.until(holds, { withinMs });
  }

  /** Ends of operations, with all their events. */
  async follow(operation: Operation): Promise<{ events: NumberedEvent[]; ending: NumberedEvent }> {
    const events: NumberedEvent[] = [];
    const reading = async (): Promise<void> => {
      for await (const event of this.platform.operations.events(operation.id, 0, this.#life.signal)) events.push(event);
    };
    await this.clock.passUntil(reading());
    return { events, ending: events.at(-1)! };
  }

  async deploy(app: string, image: string): Promise<{ events: NumberedEvent[]; ending: NumberedEvent }> {
    return this.follow(await this.platform.releases.create(app, { image }, caller));
  }

  /** Ids of the releases that a host name leads to, with the number of their peers. */
  served(host: string): Record<string, number> {
    const route = this.table?.routes.find((candidate) => candidate.host === host);
    return Object.fromEntries((route?.releases ?? []).map((release) => [release.id, release.peers.length]));
  }

  async services(): Promise<Record<string, number | 'global'>> {
    const services = await this.engine.services({ 'mothership.kind': 'process' });
    return Object.fromEntries(services.map((service) => [service.name, service.replicas]));
  }
}

/** The engine as a process sees it that can die: afterwards no call of it is made or answered. */
function mortal(engine: FakeEngine, life: { dead: boolean }): FakeEngine {
  const never = new Promise<never>(() => undefined);
  return new Proxy(engine, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (life.dead) return never;
        const answer = (member as (...given: unknown[]) => unknown).apply(target, args);
        return answer instanceof Promise ? answer.then((value: unknown) => (life.dead ? never : value)) : answer;
      };
    },
  });
}

/** The code with which an ending failed, or `done`. */
export function outcome(ending: NumberedEvent): string {
  return ending.type === 'failed' ? ending.error.code : ending.type;
}

export async function rejection(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (error as { code: string }).code,
  );
}
