import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Build, LogEntry } from '../../src/api/index.ts';
import { prepare, setup, setupCommand } from '../fixtures/cluster-fixture.ts';
import { Cluster, eventually } from '../fixtures/cluster.ts';
import { installPrevious, platformImages, setupPrevious } from '../fixtures/previous-package.ts';
import { SteadyVisitor, type Visits } from '../fixtures/steady-visitor.ts';

const APPS = ['shop', 'plain'];
/** Without IPVS the router publishes host ports, so the old one stops before the new one starts. */
const MAX_ROUTER_RESTART_MS = 5_000;
/** Old routers do not know a new controller, so the API is away until both are replaced. */
const MAX_API_AWAY_MS = 20_000;

describe('setup over a cluster of the previous package', function () {
  this.timeout(120_000);
  let previous: Cluster;
  let mothership: Cluster;
  let folder: string;
  let plain: string;
  let deployToken: string;
  let oneOff: string;
  let held: State;
  let processes: string[];
  let platform: string[];
  let visits: Visits;
  let calls: Visits;
  let upgradedAt: string;

  before(async function () {
    this.timeout(600_000);
    mothership = await prepare('upgrade');
    const { node, home } = mothership;
    previous = new Cluster({ node, home, installation: await installPrevious(join(node.directory, 'previous')) });
    await setupPrevious(previous);

    folder = await previous.copy('test/e2e/express-app', 'shop');
    await edit('host:', 'greeting: process.env.GREETING, edition: 1, host:');
    await previous.ok(['deploy'], { cwd: folder });
    await previous.ok(['config:set', 'GREETING=hello', 'PASSWORD=a b"c$d', '-a', 'shop']);
    await previous.ok(['domains:add', 'shop.example.com', '-a', 'shop']);
    await previous.ok(['ps:scale', 'web=2', 'worker=1', '-a', 'shop']);
    await edit('edition: 1', 'edition: 2');
    await previous.ok(['deploy'], { cwd: folder });

    plain = await previous.copy('test/sample-apps/dockerfile', 'plain');
    await previous.ok(['deploy'], { cwd: plain });
    await previous.ok(['deploy'], { cwd: await previous.copy('test/sample-apps/dockerfile', 'former') });
    oneOff = (await previous.ok(['run:detached', '-a', 'shop', 'sleep', '900'])).trim();
    deployToken = (await previous.json<{ value: string }>(['tokens:create', 'ci', '--deploy', 'shop'])).value;

    processes = await eventually('the processes of the live releases alone', 60, async () => {
      const ids = await processIds();
      return ids.length === 5 ? ids : undefined;
    });
    [held, platform] = await Promise.all([state(previous), platformImages(previous)]);
    const visitor = new SteadyVisitor(mothership, ['shop', 'plain', 'shop.example.com']);
    const caller = new SteadyVisitor(mothership, ['mothership/health']);
    await setup(mothership).finally(async () => {
      [visits, calls] = await Promise.all([visitor.stop(), caller.stop()]);
      upgradedAt = new Date().toISOString();
    });
  });

  type State = Record<string, unknown>;

  async function edit(from: string, to: string): Promise<void> {
    const file = join(folder, 'server.js');
    await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
  }

  /** Everything that the API tells about the apps and the tokens, and the output of every build. */
  async function state(cluster: Cluster): Promise<State> {
    const nouns = ['', '/config', '/domains', '/formation', '/releases', '/builds', '/buildpacks'];
    const paths = ['/tokens', '/apps', ...APPS.flatMap((app) => nouns.map((noun) => `/apps/${app}${noun}`))];
    const answers = paths.map(async (path) => {
      const { status, body } = await cluster.api('GET', path);
      expect(status, path).to.equal(200);
      return [path, body] as const;
    });
    return { ...Object.fromEntries(await Promise.all(answers)), output: await buildOutputs(cluster) };
  }

  async function buildOutputs(cluster: Cluster): Promise<string[]> {
    const builds = await Promise.all(APPS.map((app) => cluster.json<Build[]>(['builds', '-a', app])));
    return Promise.all(builds.flat().map(({ id, app }) => cluster.ok(['builds:output', id, '-a', app])));
  }

  async function processIds(): Promise<string[]> {
    const containers = await mothership.engine.containers({ 'mothership.kind': 'process' });
    return containers
      .filter(({ running }) => running)
      .map(({ id }) => id)
      .sort();
  }

  const shop = async (host = 'shop'): Promise<Record<string, unknown>> =>
    JSON.parse((await mothership.http(host)).body) as Record<string, unknown>;

  it('replaces the images of the platform, and removes those of the previous package', async () => {
    const now = await platformImages(mothership);
    expect(now.filter((tag) => platform.includes(tag) && !tag.startsWith('mothership/base:'))).to.deep.equal([]);
    expect(now.map((tag) => tag.split(':')[0])).to.have.members(platform.map((tag) => tag.split(':')[0]));
  });

  it(`fails no request to the apps, except while the router restarts on its host ports: 1 s measured, ${MAX_ROUTER_RESTART_MS / 1000} s allowed`, () => {
    const { sent, failures, outageMs } = visits;
    process.stderr.write(`      ${failures.length} of ${sent} requests failed within ${outageMs} ms\n`);
    expect(failures.filter(({ why }) => !/^ECONN(REFUSED|RESET)$/.test(why))).to.deep.equal([]);
    expect(outageMs).to.be.below(MAX_ROUTER_RESTART_MS);
    expect(sent).to.be.above(50);
  });

  it(`is without an API for a moment only: ${MAX_API_AWAY_MS / 1000} s allowed`, () => {
    process.stderr.write(`      the API was away for ${calls.outageMs} ms\n`);
    expect(calls.outageMs).to.be.below(MAX_API_AWAY_MS);
    expect(calls.sent).to.be.above(20);
  });

  it('keeps apps, config vars, domains, formation, releases, builds with their output, and tokens', async () => {
    expect(held['/apps/shop/releases']).to.have.length(3);
    expect(await state(mothership)).to.deep.equal(held);
  });

  it('keeps the processes of the apps running, and nothing of the previous package', async () => {
    expect(await processIds()).to.deep.equal(processes);
    expect(await mothership.engine.containers({ 'mothership.kind': 'build-guard' })).to.deep.equal([]);
    expect(await shop('shop.example.com')).to.include({ greeting: 'hello', edition: 2 });
    const doctor = await mothership.mothership(['doctor']);
    expect(doctor.code, doctor.stdout).to.equal(0);
  });

  const servicesOf = async (app: string): Promise<string[]> =>
    (await mothership.services(app)).map(({ name }) => name).sort();

  const processesOf = async (app: string): Promise<string[]> =>
    (await mothership.json<{ name: string }[]>(['ps', '-a', app])).map(({ name }) => name).sort();

  it('finds processes by their labels, though their services have the names that the previous package gave', async () => {
    expect(await servicesOf('shop')).to.deep.equal(['shop-web-v3', 'shop-worker-v3']);
    expect(await processesOf('shop')).to.deep.equal([oneOff, 'web.1', 'web.2', 'worker.1'].sort());
    const [app, run] = await Promise.all(
      ['worker.1', oneOff].map((ps) => mothership.ok(['ps:exec', '-a', 'shop', '--ps', ps, '--', 'printenv', 'DYNO'])),
    );
    expect([app, run]).to.deep.equal(['worker.1\n', `${oneOff}\n`]);
    await mothership.ok(['ps:stop', oneOff, '-a', 'shop']);
    expect(await processesOf('shop')).to.deep.equal(['web.1', 'web.2', 'worker.1']);
  });

  it('scales them as they are', async () => {
    await mothership.ok(['ps:scale', 'web=3', '-a', 'shop']);
    expect(await servicesOf('shop')).to.deep.equal(['shop-web-v3', 'shop-worker-v3']);
    expect(await processesOf('shop')).to.deep.equal(['web.1', 'web.2', 'web.3', 'worker.1']);
    await mothership.ok(['ps:scale', 'web=2', '-a', 'shop']);
  });

  it('destroys an app that the previous package deployed, with its name of an image that another app has too', async () => {
    expect(await servicesOf('former')).to.deep.equal(['former-web-v1']);
    await mothership.ok(['apps:destroy', '-a', 'former', '--confirm', 'former']);
    const labels = { 'mothership.app': 'former' };
    const left = async (): Promise<number> =>
      (await mothership.engine.services(labels)).length + (await mothership.engine.containers(labels)).length;
    const repositories = async (): Promise<(string | undefined)[]> =>
      (await mothership.engine.images({ 'mothership.kind': 'app-image' })).flatMap(({ tags }) =>
        tags.map((tag) => tag.split(':')[0]),
      );
    await eventually('nothing of it is left', 60, async () => {
      return (await left()) === 0 && !(await repositories()).includes('mothership-app/former');
    });
    expect(await repositories()).to.include('mothership-app/plain');
    expect((await mothership.http('former')).status).to.equal(404);
    expect(await mothership.http('plain')).to.deep.include({ status: 200, body: 'from a binary\n' });
  });

  it('has nothing to do when it runs once more', async () => {
    const { steps } = await mothership.json<{ steps: unknown[] }>(setupCommand(mothership.node));
    expect(steps).to.deep.equal([]);
  });

  it('shows the logs from before, and those that are new', async () => {
    await eventually('old lines of the app and new ones of the router', 20, async () => {
      const text = await mothership.ok(['logs', '-a', 'shop', '-n', '2000', '--json']);
      const entries = text.split('\n').filter(Boolean);
      const lines = entries.map((line) => JSON.parse(line) as LogEntry);
      const has = (source: string, old: boolean): boolean =>
        lines.some((line) => line.source === source && line.at < upgradedAt === old);
      return has('app', true) && has('app', false) && has('router', false);
    });
  });

  it('changes config vars', async () => {
    await mothership.ok(['config:set', 'GREETING=goodbye', '-a', 'shop']);
    expect(await shop()).to.include({ greeting: 'goodbye', edition: 2, release: 'v4' });
    expect(await servicesOf('shop')).to.deep.equal(['shop_web_v4', 'shop_worker_v4']);
    expect(await mothership.json(['config', '-a', 'shop'])).to.include({ PASSWORD: 'a b"c$d' });
  });

  it('rolls back to releases of the previous package', async () => {
    await mothership.ok(['rollback', '-a', 'shop']);
    expect(await shop()).to.include({ greeting: 'hello', edition: 2, release: 'v5' });
    await mothership.ok(['rollback', 'v2', '-a', 'shop']);
    expect(await shop()).to.include({ greeting: 'hello', edition: 1, release: 'v6' });
  });

  it('deploys with the old deploy token and the old cache', async () => {
    await edit('edition: 2', 'edition: 3');
    const env = { MOTHERSHIP_TOKEN: deployToken };
    const { release } = await mothership.json<{ release: number }>(['deploy'], { cwd: folder, env });
    expect(release).to.equal(7);
    expect(await shop()).to.include({ greeting: 'hello', edition: 3, release: 'v7' });
    expect(await mothership.ok(['builds:output', '-a', 'shop'])).to.contain('Dependencies unchanged');
    expect(
      (await mothership.info('shop')).formation.map(({ type, quantity }) => `${type}=${quantity}`),
    ).to.include.members(['web=2', 'worker=1']);
  });

  it('deploys an app with a Dockerfile', async () => {
    await mothership.ok(['deploy'], { cwd: plain });
    expect(await mothership.http('plain')).to.deep.include({ status: 200, body: 'from a binary\n' });
    expect(await mothership.current('plain')).to.equal(2);
  });
});
