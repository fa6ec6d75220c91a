import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { routes, type RouteInfo, type RouteName } from '../../src/api/index.ts';
import { buildController } from '../../src/controller/app.ts';
import type { Clock } from '../../src/events/index.ts';
import type { Caller, Platform } from '../../src/platform/index.ts';
import type { RunningPlatform } from '../../src/platform/create.ts';
import { archiveOf } from '../builds/archive-of.ts';
import { FakeApps } from '../fakes/fake-apps.ts';
import { World } from '../platform/world.ts';
import { giveTokens, tokenIds, tokens } from './tokens.ts';

export const alice: Caller = { user: 'alice', role: 'member', tokenId: 't-alice' };

/** Speed of the world's time, slow enough for work in real time: loading modules, git, editors. */
export const PACE = 20;

/** A controller on the real platform and a fake engine of two nodes, with what it logged and which of the platform's functions were called. */
export interface Rig {
  readonly app: FastifyInstance;
  readonly world: World;
  readonly apps: FakeApps;
  readonly platform: RunningPlatform;
  readonly calls: string[];
  readonly log: () => string;
  url(): Promise<string>;
  /** Lets time pass until it is closed, for clients in processes of their own. */
  flow(): void;
  close(): Promise<void>;
}

export interface RigOptions {
  /** The world's own when missing. */
  readonly clock?: Clock;
  readonly uploadLimitBytes?: number;
  readonly tls?: Parameters<typeof buildController>[0]['tls'];
}

export async function rig(options: RigOptions = {}): Promise<Rig> {
  const world = await World.create({ nodes: [{ hostname: 'one' }, { hostname: 'two' }] }, { domain: 'localhost' });
  for (const image of ['nginx', 'nginx:1', 'nginx:2']) world.engine.imageStore.publish(image);
  world.engine.imageStore.add('c');
  await giveTokens(world);
  const calls: string[] = [];
  let log = '';
  const app = buildController({
    platform: spied(world.platform, calls),
    version: '1.2.3',
    logger: pino(
      { level: 'debug' },
      {
        write: (line: string) => {
          log += line;
        },
      },
    ),
    clock: options.clock ?? world.clock,
    ...(options.tls ? { tls: options.tls } : {}),
    ...(options.uploadLimitBytes ? { uploadLimitBytes: options.uploadLimitBytes } : {}),
  });
  let closing = false;
  let flowing = Promise.resolve();
  return {
    app,
    world,
    apps: new FakeApps(world.engine),
    platform: world.platform,
    calls,
    log: () => log,
    url: async () => {
      if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' });
      return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    },
    flow: () => {
      flowing = world.clock.until(() => closing, { pace: PACE });
    },
    close: async () => {
      closing = true;
      await flowing;
      await world.clock.passUntil(app.close());
      await world.close();
    },
  };
}

/** The platform itself, which notes what is called but for `authenticate`. */
function spied<T extends object>(target: T, calls: string[], path: string[] = []): Platform {
  return new Proxy(target, {
    get(_object, key) {
      const value = Reflect.get(target, key, target) as unknown;
      const name = [...path, String(key)];
      if (typeof value === 'function') {
        return (...args: unknown[]): unknown => {
          if (key !== 'authenticate') calls.push(name.join('.'));
          return (value as (...all: unknown[]) => unknown).apply(target, args);
        };
      }
      return typeof value === 'object' && value !== null ? spied(value, calls, name) : value;
    },
  }) as unknown as Platform;
}

/** What the paths of requests name on a furnished platform. */
export interface Furniture {
  readonly build: string;
  /** Of the deploy. */
  readonly operation: string;
  /** Of the change of config vars. */
  readonly config: string;
  readonly run: string;
  readonly exec: string;
}

/** Two apps: `shop` has two releases, a build, config vars, a domain, log lines, and a one-off and an exec that wait. */
export async function furnish({ world, platform, calls }: Rig): Promise<Furniture> {
  for (const name of ['shop', 'blog']) await platform.apps.create({ name }, alice);
  const archive = archiveOf({ Procfile: 'web: node server.js\n' });
  const deploy = await platform.builds.create('shop', { archive, options: { ref: 'abc' } }, alice);
  await world.follow(deploy);
  const config = await platform.config.update('shop', { set: { COLOUR: 'red' } }, alice);
  await world.follow(config);
  await platform.domains.add('shop', 'www.example.com', alice);
  const [task] = await world.engine.tasks({ service: 'shop_web_v2' });
  world.engine.say(task!.id, 'hello');
  const { id: run } = await platform.run.create('shop', { command: ['cat'] }, alice);
  const { id: exec } = await platform.ps.exec('shop', { command: ['cat'] }, alice);
  const [build] = await platform.builds.list('shop');
  calls.length = 0;
  return { build: build!.id, operation: deploy.id, config: config.id, run, exec };
}

export interface Sample {
  readonly query?: string;
  readonly body?: unknown;
  readonly upload?: keyof typeof uploads;
}

/** Bodies that a platform accepts. */
const uploads = {
  source: () => buffer(archiveOf({ Procfile: 'web: node server.js\n' })),
  manifest: () => buffer(archiveOf({ Procfile: 'a'.repeat(64) })),
  backup: async ({ world, platform }: Rig) =>
    buffer(await world.clock.passUntil(platform.backup.create({ images: false }))),
};

/** One good request for every route, on a furnished platform. */
export const samples: Record<RouteName, Sample> = {
  health: {},
  openapi: {},
  account: {},
  clusterInfo: {},
  tokensList: {},
  appsList: {},
  backupCreate: { query: 'images=false' },
  backupRestore: { query: 'replace=true&confirm=test', upload: 'backup' },
  nodesList: {},
  nodesInfo: {},
  nodesRebalance: {},
  nodesUpdate: { body: { zone: 'a' } },
  nodesDrain: { body: { force: true } },
  nodesRemove: { query: 'force=true' },
  nodesJoin: { body: { role: 'worker' } },
  tokensCreate: { body: { user: 'bob' } },
  tokensRevoke: {},
  appsCreate: { body: { name: 'other' } },
  appsInfo: {},
  appsUpdate: { body: { maintenance: true } },
  appsDestroy: { query: 'confirm=shop' },
  appsErrors: { query: 'hours=1' },
  configGet: {},
  configUpdate: { body: { set: { SHAPE: 'round' }, unset: ['COLOUR'] } },
  buildsList: {},
  buildsCreate: { query: 'ref=def&clearCache=false', upload: 'source' },
  sourcesCreate: { upload: 'manifest' },
  buildsInfo: {},
  buildsOutput: {},
  buildsCancel: {},
  buildsCachePurge: {},
  buildSettingsInfo: {},
  buildSettingsUpdate: { body: { env: { GOPROXY: 'https://go.example.com' }, slots: 2 } },
  buildpacksList: {},
  buildpacksUpdate: { body: { action: 'add', buildpack: 'nodejs', index: 1 } },
  testsCreate: { query: 'ref=abc', upload: 'source' },
  releasesList: {},
  releasesCreate: { body: { image: 'nginx:1' } },
  releasesInfo: {},
  releasesRollback: {},
  releasesRetry: {},
  releasesOutput: {},
  stackInfo: {},
  stackUpdate: {},
  stackUpdateAll: {},
  formationGet: {},
  formationUpdate: { body: { updates: [{ type: 'web', quantity: 2 }] } },
  psList: {},
  psRestart: {},
  psStop: { body: { target: 'web' } },
  psExec: { body: { command: ['ls'] } },
  psExecAttach: {},
  psCopy: { query: 'path=%2Fapp%2Flog' },
  psForward: { query: 'port=9229' },
  domainsList: {},
  domainsAdd: { body: { domain: 'api.example.com' } },
  domainsRemove: {},
  domainsClear: {},
  logs: { query: 'n=10' },
  runList: {},
  runCreate: { body: { command: ['ls'], tty: true } },
  runAttach: {},
  runStop: {},
  operationsInfo: {},
  operationsEvents: {},
  operationsCancel: {},
  routerPoll: { body: { id: 'r1', applied: 0, inFlight: {} } },
};

const params: Record<string, string> = {
  app: 'shop',
  release: 'current',
  domain: 'www.example.com',
  token: tokenIds.member,
  node: 'two',
};

export function pathOf(name: RouteName, given: Partial<Furniture>): string {
  const { query } = samples[name];
  const path = routes[name].path.replaceAll(/:(\w+)/g, (_all, key: string) =>
    encodeURIComponent({ ...params, ...given }[key] ?? ''),
  );
  return query ? `${path}?${query}` : path;
}

export type Identity = 'nobody' | 'wrong' | 'revoked' | 'deployer' | 'stranger' | 'member' | 'admin' | 'router';

export function authorization(identity: Identity): { authorization?: string } {
  if (identity === 'nobody') return {};
  const value = identity === 'wrong' ? 'no-such-token' : tokens[identity];
  return { authorization: `Bearer ${value}` };
}

/** The sample of a route. Time passes until it is answered. */
export async function request(
  rigged: Rig,
  name: RouteName,
  identity: Identity,
  given: Furniture,
): Promise<LightMyRequestResponse> {
  const { body, upload } = samples[name];
  const payload = upload ? await uploads[upload](rigged) : body === undefined ? undefined : JSON.stringify(body);
  const type = (routes[name] as RouteInfo).upload ?? 'application/json';
  const answer = rigged.app.inject({
    method: routes[name].method,
    url: pathOf(name, given),
    headers: { ...authorization(identity), ...(payload === undefined ? {} : { 'content-type': type }) },
    ...(payload === undefined ? {} : { payload }),
  });
  return rigged.world.clock.passUntil(answer);
}

export function lines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
