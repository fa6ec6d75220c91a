import { Readable } from 'node:stream';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { routes, type RouteInfo, type RouteName } from '../../src/api/index.ts';
import { buildController } from '../../src/controller/index.ts';
import { systemClock, type Clock } from '../../src/events/index.ts';
import type { Caller, Platform } from '../../src/platform/index.ts';
import { FakePlatform, fakeTokens } from '../fakes/fake-platform.ts';

export const alice: Caller = { user: 'alice', role: 'member', tokenId: 't-alice' };

/** A controller on a platform in memory, with what it logged and which of the platform's functions were called. */
export interface Rig {
  readonly app: FastifyInstance;
  readonly platform: FakePlatform;
  readonly calls: string[];
  readonly log: () => string;
  url(): Promise<string>;
}

export function rig(options: { clock?: Clock; uploadLimitBytes?: number; platform?: FakePlatform } = {}): Rig {
  const platform = options.platform ?? new FakePlatform();
  const calls: string[] = [];
  let log = '';
  const app = buildController({
    platform: spied(platform, calls),
    version: '1.2.3',
    logger: pino(
      { level: 'debug' },
      {
        write: (line: string) => {
          log += line;
        },
      },
    ),
    clock: options.clock ?? systemClock,
    ...(options.uploadLimitBytes ? { uploadLimitBytes: options.uploadLimitBytes } : {}),
  });
  const url = async (): Promise<string> => {
    if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' });
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  };
  return { app, platform, calls, log: () => log, url };
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

/** An app with two releases, config vars, a domain, log lines and a one-off that waits. Answers the one-off's id. */
export async function furnish(platform: FakePlatform): Promise<string> {
  await platform.apps.create({ name: 'shop' }, alice);
  await platform.config.update('shop', { set: { COLOUR: 'red' } }, alice);
  await platform.builds.create(
    'shop',
    { archive: Readable.from([Buffer.from('archive')]), options: { ref: 'abc' } },
    alice,
  );
  await platform.domains.add('shop', 'www.example.com', alice);
  platform.writeLog('shop', 'hello');
  return (await platform.run.create('shop', { command: ['cat'] }, alice)).id;
}

export interface Sample {
  readonly params?: Record<string, string>;
  readonly query?: string;
  readonly body?: unknown;
  readonly upload?: Buffer;
}

/** One good request for every route, on a furnished platform. */
export const samples: Record<RouteName, Sample> = {
  health: {},
  openapi: {},
  account: {},
  clusterInfo: {},
  tokensList: {},
  appsList: {},
  backupCreate: { query: 'images=false' },
  backupRestore: { query: 'replace=true&confirm=fake', upload: Buffer.from('tar') },
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
  configGet: {},
  configUpdate: { body: { set: { SHAPE: 'round' }, unset: ['COLOUR'] } },
  buildsList: {},
  buildsCreate: { query: 'ref=def&clearCache=false', upload: Buffer.from('gzip') },
  sourcesCreate: { upload: Buffer.from('gzip') },
  buildsInfo: {},
  buildsOutput: {},
  buildsCancel: {},
  buildsCachePurge: {},
  buildSettingsInfo: {},
  buildSettingsUpdate: { body: { env: { GOPROXY: 'https://go.example.com' }, slots: 2 } },
  buildpacksList: {},
  buildpacksUpdate: { body: { action: 'add', buildpack: 'nodejs', index: 1 } },
  testsCreate: { query: 'ref=abc', upload: Buffer.from('gzip') },
  releasesList: {},
  releasesCreate: { body: { image: 'nginx:1' } },
  releasesInfo: {},
  releasesRollback: {},
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
  runCreate: { body: { command: ['ls'], tty: true } },
  runAttach: {},
  operationsInfo: {},
  operationsEvents: {},
  operationsCancel: {},
  routerPoll: { body: { id: 'r1', applied: 0, inFlight: {} } },
};

const params: Record<string, string> = {
  app: 'shop',
  build: 'b-2',
  release: 'current',
  domain: 'www.example.com',
  operation: 'op-2',
  token: 't-member',
  node: 'two',
  exec: 'exec-1',
};

export function pathOf(name: RouteName, given: Record<string, string> = {}): string {
  const { query, params: own } = samples[name];
  const path = routes[name].path.replaceAll(/:(\w+)/g, (_all, key: string) =>
    encodeURIComponent({ ...params, ...own, ...given }[key] ?? ''),
  );
  return query ? `${path}?${query}` : path;
}

export type Identity = 'nobody' | 'wrong' | 'revoked' | 'deployer' | 'stranger' | 'member' | 'admin' | 'router';

export function authorization(identity: Identity): { authorization?: string } {
  if (identity === 'nobody') return {};
  const value = identity === 'wrong' ? 'no-such-token' : fakeTokens[identity];
  return { authorization: `Bearer ${value}` };
}

export function request(
  app: FastifyInstance,
  name: RouteName,
  identity: Identity,
  given: Record<string, string> = {},
): Promise<LightMyRequestResponse> {
  const { body, upload } = samples[name];
  const payload = upload ?? (body === undefined ? undefined : JSON.stringify(body));
  const type = (routes[name] as RouteInfo).upload ?? 'application/json';
  return app.inject({
    method: routes[name].method,
    url: pathOf(name, given),
    headers: { ...authorization(identity), ...(payload === undefined ? {} : { 'content-type': type }) },
    ...(payload === undefined ? {} : { payload }),
  });
}

export function lines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
