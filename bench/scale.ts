/**
 * 500 apps with 20 releases each and 2,000 tasks: size and times of the store in a real Swarm, `mothership apps`, a change
 * of routes until a real router and three simulated ones serve it, and the controller's memory. The tasks are in Swarm but
 * wait for a node, and the controller sees them as running. Usage: npx tsx bench/scale.ts [--apps 500] [--releases 20] [--tasks 4]
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { execa } from 'execa';
import { mintToken } from '../src/access/token-value.ts';
import { dockerEngine, type Engine } from '../src/engine/index.ts';
import { planRouteTable } from '../src/router/index.ts';
import { SwarmStore, type ClusterRecord } from '../src/store/index.ts';
import { cleanup, newRunId, startNode, type LabNode } from '../test/lab/index.ts';
import { closedPort } from '../test/fixtures/router/test-app.ts';
import { CONTROLLER_NAME, TOKEN } from '../test/fixtures/router/fake-controller.ts';
import { RealRouter } from '../test/fixtures/router/real-router.ts';
import { selfSigned } from '../test/fixtures/router/self-signed.ts';
import { median, report, seconds, type Row } from './report.ts';
import { Poller } from './scale/poller.ts';
import { createWaitingServices, storedBytes, writeRecords } from './scale/records.ts';

const { values } = parseArgs({
  options: {
    apps: { type: 'string', default: '500' },
    releases: { type: 'string', default: '20' },
    tasks: { type: 'string', default: '4' },
  },
});
const size = { apps: Number(values.apps), releases: Number(values.releases), tasks: Number(values.tasks) };
const ROUNDS = 9;
const MB = 1e6;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const cluster: ClusterRecord = {
  name: 'scale',
  version: 'bench',
  createdAt: '2026-01-01T00:00:00Z',
  domain: 'example.test',
  httpPort: 80,
  httpsPort: 443,
  publish: 'host',
  defaultStack: 'debian-13',
  stacks: { 'debian-13': { buildImage: 'build', runImage: 'run' } },
  images: { controller: 'c', router: 'r' },
  provider: 'local',
};

async function timed(rounds: number, work: (round: number) => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    await work(round);
    samples.push(performance.now() - began);
  }
  return samples;
}

async function populate(node: LabNode, engine: Engine): Promise<{ token: string; perWrite: number }> {
  await engine.initSwarm({ advertiseAddress: node.ip });
  const network = await engine.createNetwork({
    name: 'mothership-proxy',
    driver: 'overlay',
    labels: {},
    subnet: '10.200.0.0/16',
  });
  const store = new SwarmStore(engine);
  await store.cluster.put(cluster);
  const { record, value } = mintToken({ user: 'ada', role: 'admin', description: '' }, Date.now());
  await store.tokens.create(record);
  say('writing records');
  const perWrite = await writeRecords(engine, size);
  say(`creating services (${perWrite.toFixed(1)} ms a record)`);
  await createWaitingServices(engine, network, size);
  await until('all tasks have addresses', async () => {
    const tasks = await engine.tasks({ desired: 'running' });
    return tasks.filter((task) => task.addresses[network]).length === size.apps * size.tasks;
  });
  return { token: value.reveal(), perWrite };
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 300_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not within 300 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** As scripts/build.ts leaves it out of the controller. */
const withoutSsh: Plugin = {
  name: 'without-ssh',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(ssh2|\.\/ssh)$/ }, ({ path, importer }) =>
      path === 'ssh2' || importer.includes('docker-modem') ? { path, namespace: 'empty' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }));
  },
};

/** Bundled as the real one is, so that it takes as much memory. */
async function startController(node: LabNode, port: number): Promise<ChildProcess> {
  const outfile = join(node.directory, 'controller.mjs');
  await build({
    entryPoints: ['bench/scale/controller.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    minify: true,
    keepNames: true,
    logLevel: 'error',
    plugins: [withoutSsh],
    banner: {
      js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
    },
  });
  const env = { ...process.env, SOCKET: node.socket, DATA: join(node.directory, 'data'), PORT: String(port), TOKEN };
  return spawn(process.execPath, [outfile], { env, stdio: ['ignore', 'inherit', 'inherit'] });
}

async function memory({ pid }: ChildProcess, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024) / MB;
}

/** Seconds of processor time so far: fields 14 and 15 of proc(5). */
async function processorTime({ pid }: ChildProcess): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function measureStore(engine: Engine) {
  const store = new SwarmStore(engine);
  return {
    list: await timed(ROUNDS, () => store.apps.list()),
    releases: await timed(ROUNDS, (n) => store.releases.list(`app-00${n}`)),
    find: await timed(ROUNDS, (n) => store.apps.find(`app-00${n}`)),
    swap: await timed(ROUNDS, (n) => store.apps.update(`app-00${n}`, (record) => ({ ...record, stack: record.stack }))),
    tasks: await timed(ROUNDS, () => engine.tasks({ labels: { 'mothership.kind': 'process' }, desired: 'running' })),
    bytes: await storedBytes(engine),
  };
}

/** The plan alone, without looking at Swarm. */
async function measurePlan(): Promise<number[]> {
  const peers = (n: number) =>
    Array.from({ length: size.tasks }, (_, i) => ({ host: `10.200.${n >> 6}.${((n & 63) << 2) + i}`, port: 8080 }));
  const apps = Array.from({ length: size.apps }, (_, n) => ({
    name: `app-${n}`,
    hosts: [`www.app-${n}.example.com`],
    releases: [{ id: `app-${n}-20`, weight: 1, peers: peers(n) }],
  }));
  return timed(ROUNDS, () => Promise.resolve(planRouteTable({ domain: 'example.test', apps })));
}

/** Speaks TLS with the router in the name of the controller, which speaks plain HTTP here. */
async function secure(port: number) {
  const identity = selfSigned(CONTROLLER_NAME);
  const terminator = createTlsServer(identity, (socket) => {
    const plain = connect(port, '127.0.0.1');
    for (const end of [socket, plain]) end.on('error', () => [socket, plain].forEach((each) => each.destroy()));
    socket.pipe(plain).pipe(socket);
  });
  await new Promise<void>((resolve) => terminator.listen(0, '127.0.0.1', resolve));
  return { terminator, identity, port: (terminator.address() as AddressInfo).port };
}

/** From the request that changes a route until all four routers serve it; the answer comes then too. */
async function measureChange(
  url: string,
  token: string,
  router: RealRouter,
  pollers: readonly Poller[],
): Promise<{ served: number[]; answered: number[] }> {
  const served: number[] = [];
  const answered = await timed(ROUNDS, async (round) => {
    const before = pollers[0]!.applied;
    const began = performance.now();
    const answer = fetch(`${url}/apps/app-00${round}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ maintenance: true }),
    });
    await until('all routers serve the change', async () => {
      const { applied } = await router.health();
      return applied > before && pollers.every((poller) => poller.applied === applied);
    });
    served.push(performance.now() - began);
    if (!(await answer).ok) throw new Error(await (await answer).text());
  });
  return { served, answered };
}

const runId = newRunId();
const node = await startNode({ name: 'scale', runId });
const started: { stop(): unknown }[] = [];
try {
  const engine = dockerEngine({ socketPath: node.socket });
  const { token, perWrite } = await populate(node, engine);
  const store = await measureStore(engine);
  const raft = Number(
    (await node.exec(['du', '-sb', '/var/lib/docker/swarm/raft/snap-v3-encrypted'])).stdout.split('\t')[0],
  );
  const plan = await measurePlan();

  const port = await closedPort();
  const url = `http://127.0.0.1:${port}`;
  const controller = await startController(node, port);
  started.push({ stop: () => controller.kill() });
  const booting = performance.now();
  await until('the controller answers', async () => controller.exitCode !== null || (await fetch(`${url}/health`)).ok);
  const boot = performance.now() - booting;
  const pollers = ['one', 'two', 'three'].map((id) => new Poller(id, port, TOKEN));
  const { terminator, ...secured } = await secure(port);
  const router = await RealRouter.start(secured, {});
  started.push(router, ...pollers, { stop: () => terminator.close() });
  await until(
    'all routers have all routes',
    async () => (await router.health()).applied > 0 && pollers.every(({ routes }) => routes === 2 * size.apps + 1),
  );

  const env = { MOTHERSHIP_URL: url, MOTHERSHIP_TOKEN: token, NO_COLOR: '1' };
  const list = () => execa(process.execPath, ['bin/mothership', 'apps'], { env });
  const lines = (await list()).stdout.split('\n').length;
  const apps = await timed(ROUNDS, list);
  const api = await timed(ROUNDS, async () =>
    (await fetch(`${url}/apps`, { headers: { authorization: `Bearer ${token}` } })).text(),
  );
  const { served, answered } = await measureChange(url, token, router, pollers);
  const [busyFrom, from] = [await processorTime(controller), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const load = ((await processorTime(controller)) - busyFrom) / ((performance.now() - from) / 1000);
  const [resident, peak] = [await memory(controller, 'VmRSS'), await memory(controller, 'VmHWM')];

  const rows: Row[] = [
    { what: 'records in the store', value: store.bytes / MB, unit: 'MB', budget: 20 },
    { what: 'newest Raft snapshot on disk (at most 10,000 writes old)', value: raft / MB, unit: 'MB' },
    { what: 'write a record', value: perWrite, unit: 'ms' },
    { what: 'list all apps', value: median(store.list), unit: 'ms' },
    { what: 'list the releases of an app', value: median(store.releases), unit: 'ms' },
    { what: 'find an app', value: median(store.find), unit: 'ms' },
    { what: 'compare-and-swap of an app', value: median(store.swap), unit: 'ms' },
    { what: 'list the tasks from Swarm', value: median(store.tasks), unit: 'ms' },
    { what: 'plan the route table', value: median(plan), unit: 'ms' },
    { what: 'route table', value: pollers[0]!.bytes / 1000, unit: 'kB' },
    { what: `mothership apps (${lines} lines)`, value: seconds(median(apps)), unit: 's', budget: 0.3 },
    { what: 'GET /apps', value: median(api), unit: 'ms' },
    { what: 'a route change until 4 routers serve it', value: seconds(median(served)), unit: 's', budget: 0.5 },
    { what: 'the same, slowest', value: seconds(Math.max(...served)), unit: 's' },
    { what: 'a route change until it is answered', value: seconds(median(answered)), unit: 's' },
    { what: 'controller, resident memory', value: resident, unit: 'MB', budget: 250, also: { peak: Math.round(peak) } },
    { what: 'controller, processor while idle', value: load * 100, unit: '%' },
    { what: 'controller, start to first answer', value: seconds(boot), unit: 's' },
  ];
  await report('scale', rows, { size, store, plan, apps, api, served, answered });
} finally {
  for (const each of started.reverse()) await each.stop();
  await cleanup(runId);
}
