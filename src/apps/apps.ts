import type { AppPorts } from './ports.ts';
import { own } from '#values/own.ts';
import { randomBytes } from 'node:crypto';
import { parseSourceRoot } from '#api/source-root.ts';
import { checkAppName } from './name.ts';
import { checkNameClaim } from './domain.ts';
import { changeBuildpacks } from '#builds';
import { fail } from '#errors';
import { appNetwork } from '#rollout';
import type { AppRecord, SourceRecord } from '#store';
import { destroyApp } from './destroy-app.ts';
import { Operations } from '#operations/operations.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import type { Caller } from '#access/caller.ts';
import type { Body } from '#api/contract.ts';
import type { App } from '#api';
import { isoNow } from '#events/clock.ts';
import { appView } from './app-view.ts';

export interface Apps {
  list(): Promise<App[]>;
  create(input: Body<'appsCreate'>, caller: Caller): Promise<App>;
  info(app: string): Promise<App>;
  update(app: string, changes: Body<'appsUpdate'>, caller: Caller): Promise<App>;
  destroy(app: string, confirm: string, caller: Caller): Promise<App>;
}

export function apps(ports: AppPorts, flow: ReleaseFlow): Apps {
  const { store, cluster } = ports;
  const view = async (record: AppRecord) => appView(record, await flow.liveRelease(record), cluster);
  return {
    list: async () => Promise.all((await store.apps.list()).map(view)),
    create: async (input) => view(await createApp(ports, input)),
    info: async (app) => view(await store.apps.get(app)),
    update: async (app, changes) => view(await updateApp(ports, app, changes)),
    async destroy(app, confirm, caller) {
      if (confirm !== app) throw fail('CONFIRM_MISMATCH', { app, given: confirm });
      const { id } = await store.apps.get(app);
      const record = await ports.leases.take(id, { operation: Operations.newId(), kind: 'destroy', by: caller.user });
      const last = await view(record);
      await destroyApp(ports, record);
      return last;
    },
  };
}

async function createApp(ports: AppPorts, { name, stack, buildpacks = [] }: Body<'appsCreate'>): Promise<AppRecord> {
  const { store, cluster, clock, routes } = ports;
  const chosen = checkAppName(name ?? randomName());
  const known = stack ?? cluster.defaultStack;
  const held = own(cluster.stacks, known);
  if (!held) throw fail('STACK_UNKNOWN', { stack: known, known: Object.keys(cluster.stacks) });
  const record: AppRecord = {
    id: (await isFree(ports, chosen)) ? chosen : `${chosen.slice(0, 23)}-${randomBytes(3).toString('hex')}`,
    name: chosen,
    stack: known,
    createdAt: isoNow(clock),
    maintenance: false,
    domains: [],
    formation: {},
    lastRelease: 0,
    buildpacks: buildpacks.reduce<readonly string[]>(
      (list, buildpack) => changeBuildpacks(chosen, list, { action: 'add', buildpack }, held.buildpacks),
      [],
    ),
  };
  const others = (await store.apps.list()).filter((app) => app.name !== chosen);
  checkNameClaim(record, others, cluster);
  await store.apps.create(record);
  await routes.settle(record.id);
  return record;
}

async function updateApp(
  { store, routes, cluster }: AppPorts,
  app: string,
  { name, maintenance, source }: Body<'appsUpdate'>,
): Promise<AppRecord> {
  const before = await store.apps.get(app);
  if (name !== undefined && name !== app) {
    if (await store.apps.find(checkAppName(name))) throw fail('APP_EXISTS', { app: name });
    const others = (await store.apps.list()).filter(({ id }) => id !== before.id);
    checkNameClaim({ ...before, name }, others, cluster);
  }
  const place = source && { source: parseSourceRoot(source.root, source.watch ?? []) };
  const record = await store.apps.update(before.id, ({ source: known, ...current }) => ({
    ...current,
    ...(name === undefined ? {} : { name }),
    ...(maintenance === undefined ? {} : { maintenance }),
    ...withSource(place ?? { source: known }),
  }));
  await routes.settle(record.id);
  return record;
}

function withSource({ source }: { source: SourceRecord | undefined }): Pick<AppRecord, 'source'> {
  return source ? { source } : {};
}

/** Whether an id is free. A renamed app keeps its id, and a destroyed one keeps it until everything is removed. */
async function isFree({ store, engine }: AppPorts, id: string): Promise<boolean> {
  return !(await store.apps.byId(id)) && !(await engine.network(appNetwork(id)));
}

const WORDS = {
  first: [
    'amber',
    'brisk',
    'calm',
    'clear',
    'deep',
    'early',
    'fair',
    'gentle',
    'keen',
    'lucid',
    'mellow',
    'quiet',
    'solar',
    'swift',
    'vivid',
  ],
  second: [
    'aurora',
    'comet',
    'crater',
    'delta',
    'eclipse',
    'ember',
    'harbor',
    'lagoon',
    'meadow',
    'nova',
    'orbit',
    'prairie',
    'quasar',
    'summit',
  ],
} as const;

/** Two words and a number, like Heroku's. */
function randomName(): string {
  const bytes = randomBytes(4);
  const pick = (words: readonly string[], byte: number): string => words[byte % words.length]!;
  return `${pick(WORDS.first, bytes[0]!)}-${pick(WORDS.second, bytes[1]!)}-${1000 + (bytes.readUInt16BE(2) % 9000)}`;
}
