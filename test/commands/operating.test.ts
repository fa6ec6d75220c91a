import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppErrors, ListedRun } from '../../src/api/index.ts';
import type { DiskStop } from '../../src/processes/disk-stops.ts';
import { countErrors, crashes } from '../../src/processes/app-errors.ts';
import { eventually } from '../eventually.ts';
import { Desk } from './cli.ts';

describe('operating an app', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
    await desk.run('apps:create shop');
  });
  afterEach(() => desk.close());

  /** Deploys with a release command that writes a line and ends with `code`. */
  const deploy = async (code: () => number) => {
    desk.world.engine.program(
      ({ labels }) => labels['mothership.type']?.startsWith('release.') ?? false,
      (io) => (io.out(`migrating with ${code()}`), code()),
    );
    await writeFile(join(desk.folder, 'Procfile'), 'web: x\nrelease: migrate\n');
    return desk.run('deploy');
  };

  describe('releases:output', () => {
    it('prints what the release command wrote, without the build, and why the release failed', async () => {
      await deploy(() => 3);
      const { stdout, code } = await desk.run('releases:output');
      expect(stdout).to.equal('migrating with 3\nThe release command failed with exit code 3.\n');
      expect(code).to.equal(0);
      expect((await desk.run('releases:output v1')).stdout).to.equal(stdout);
      const events = (await desk.run('releases:output --json')).stdout.trim().split('\n');
      expect(events.map((event) => (JSON.parse(event) as { type: string }).type)).to.include.members([
        'phase',
        'output',
        'failed',
      ]);
    });

    it('follows it while it runs', async () => {
      let finish = (): void => undefined;
      desk.world.engine.program(
        ({ labels }) => labels['mothership.type']?.startsWith('release.') ?? false,
        (io) => (io.out('migrating'), new Promise((resolve) => (finish = () => (io.out('migrated'), resolve(0))))),
      );
      await writeFile(join(desk.folder, 'Procfile'), 'web: x\nrelease: migrate\n');
      await desk.run('deploy --detach');
      await eventually('the release', async () => (await desk.platform.releases.list('shop')).length > 0);
      const shown = desk.run('releases:output v1');
      await eventually('its first line', () => desk.printed === 'migrating\n');
      finish();
      expect((await shown).stdout).to.equal('migrating\nmigrated\n');
    });

    it('says so when there is none', async () => {
      expect((await desk.run('releases:output')).stderr).to.contain('"shop" has not been deployed yet.');
      await desk.run('config:set A=1');
      const { stdout, stderr, code } = await desk.run('releases:output');
      expect({ stdout, code }).to.deep.equal({ stdout: '', code: 0 });
      expect(stderr).to.contain('Release v1 has no release output available.');
      expect((await desk.run('releases:output v9')).code).to.equal(1);
      const { record } = (await desk.world.store.releases.list('shop'))[0]!;
      const { operation: _operation, ...former } = record;
      await desk.world.store.releases.create({ ...former, version: 2 }, { status: 'succeeded' });
      expect((await desk.run('releases:output v2')).stderr).to.contain('v2 has no release output available.');
    });
  });

  describe('releases:retry', () => {
    it('runs the newest release again, with the same image and its release command', async () => {
      let exitCode = 1;
      expect((await deploy(() => exitCode)).code).to.equal(1);
      exitCode = 0;
      const { stderr, code } = await desk.run('releases:retry');
      expect(code, stderr).to.equal(0);
      expect(stderr).to.match(/^Retrying v1 on shop\.\.\. done, v2$/m);
      const [retried, failed] = await desk.platform.releases.list('shop');
      expect(retried).to.include({ version: 2, status: 'succeeded', current: true, image: failed!.image });
      expect(retried!.description).to.equal('Retry of v1: Deploy');
      expect((await desk.run('releases:output')).stdout).to.equal('migrating with 0\n');
    });

    it('names the first one when it fails again', async () => {
      await deploy(() => 1);
      expect((await desk.run('releases:retry')).code).to.equal(1);
      expect((await desk.run('releases:retry')).code).to.equal(1);
      expect((await desk.platform.releases.list('shop'))[0]!.description).to.equal('Retry of v1: Deploy');
    });

    it('is refused when the newest release has not failed, and without any', async () => {
      expect((await desk.run('releases:retry')).stderr).to.contain('"shop" has not been deployed yet.');
      await deploy(() => 1);
      await desk.run('config:set A=1');
      const { stderr, code } = await desk.run('releases:retry');
      expect(stderr).to.contain('The newest release of "shop", v2, has not failed.');
      expect(code).to.equal(1);
    });
  });

  describe('ps:wait', () => {
    beforeEach(async () => {
      await writeFile(join(desk.folder, 'Procfile'), 'web: x\nworker: y\n');
      await desk.run('deploy');
    });

    it('returns once every process is up', async () => {
      expect(await desk.run('ps:wait')).to.deep.equal({
        stdout: '',
        stderr: 'Waiting for every process of shop to be running v1... 1 / 1, done\n',
        code: 0,
      });
      desk.world.engine.script('shop_worker_v1', { state: 'running', afterMs: 20_000 });
      const waiting = desk.run('ps:scale worker=2 --detach').then(() => desk.run('ps:wait --type worker --json'));
      expect(JSON.parse((await waiting).stdout)).to.deep.equal({ app: 'shop', release: 1, up: 2 });
      expect((await desk.platform.ps.list('shop')).filter(({ state }) => state === 'up')).to.have.lengthOf(3);
    });

    it('waits for a release that is on its way, and fails with it', async () => {
      desk.world.engine.script('shop_web_v2', { state: 'running', afterMs: 20_000 });
      await desk.run('config:set A=1 --detach');
      expect((await desk.run('ps:wait')).stderr).to.contain('v2... 1 / 1, done');
      desk.world.engine.script('shop_web_v3', { state: 'failed', afterMs: 20_000 });
      await desk.run('config:set A=2 --detach');
      const { stderr, code } = await desk.run('ps:wait');
      expect(stderr).to.contain('Release v3 of "shop" failed: The new release failed to start: web.1 exited with');
      expect(code).to.equal(1);
    });

    it('knows the process types, and an app without releases', async () => {
      expect((await desk.run('ps:wait -t nope')).stderr).to.contain('Available types: web, worker.');
      await desk.run('apps:create blog');
      expect((await desk.run('ps:wait -a blog')).stderr).to.contain('App blog has no releases.');
      await desk.run('config:set A=1 -a blog');
      expect((await desk.run('ps:wait -a blog')).stderr).to.contain('App blog has no releases.');
    });
  });

  describe('apps:errors', () => {
    const line = (at: number, code: string, app = 'shop'): string =>
      `at=${(at / 1000).toFixed(3)} target=${app}/shop-2 code=${code} status=503 bytes=28 connect=- service=0.006 peer= ` +
      'fwd=172.17.0.1 request_id=99fc09bb protocol=http method=GET host=shop.localhost path=/';

    beforeEach(async () => {
      await writeFile(join(desk.folder, 'Procfile'), 'web: x\nworker: y\n');
      await desk.run('deploy');
      await desk.run('ps:scale worker=1');
      const { engine, clock } = desk.world;
      const router = await engine.createService({
        ...{ name: 'mothership-router', labels: { 'mothership.kind': 'router' }, image: 'r', env: {}, networks: [] },
        ...{ replicas: 1, endpointMode: 'dnsrr', restart: { condition: 'any', delayMs: 0 } },
      });
      const [task] = await engine.tasks({ service: router });
      const say = (text: string): void => engine.say(task!.id, text);
      say(line(clock.now() - 2 * 3_600_000, 'H12'));
      engine.failTask('shop_worker_v1', { exitCode: 7 });
      for (const code of ['H10', 'H10', '', 'H27']) say(line(clock.now(), code));
      say(line(clock.now(), 'H10', 'shop-2'));
      engine.failTask('shop_web_v1', { exitCode: 137 });
    });

    it('counts failed requests and crashes by their codes', async () => {
      expect((await desk.run('apps:errors')).stdout.split('\n').map((row) => row.trimEnd())).to.deep.equal([
        '=== Errors on shop in the last 24 hours',
        '',
        'Source  Name    Level     Description                   Count',
        'router  H10     critical  App crashed                   2',
        'router  H12     critical  Request timeout               1',
        'router  H27     info      Client request interrupted    1',
        'web     R15     critical  Memory quota vastly exceeded  1',
        'worker  exit 7  critical  Exited with code 7            1',
        '',
      ]);
    });

    it('counts those of a period, of the router or of processes', async () => {
      const names = async (flags: string): Promise<string[]> =>
        (JSON.parse((await desk.run(`apps:errors --json ${flags}`)).stdout) as AppErrors).errors.map(
          ({ name }) => name,
        );
      expect(await names('--hours 1')).to.deep.equal(['H10', 'H27', 'R15', 'exit 7']);
      expect(await names('--router')).to.deep.equal(['H10', 'H12', 'H27']);
      expect(await names('--dyno')).to.deep.equal(['R15', 'exit 7']);
      await desk.run('apps:create blog');
      expect((await desk.run('apps:errors -a blog')).stdout).to.equal('No errors on blog in the last 24 hours.\n');
      expect((await desk.run('apps:errors --hours 0')).code).to.equal(2);
    });

    it('counts a process that the platform stopped as R20 only, and nothing from before the period', async () => {
      const tasks = await desk.world.engine.tasks({ service: 'shop_web_v1' });
      const stopped = tasks.find(({ state }) => state === 'failed')!;
      const stop: DiskStop = { at: stopped.since, app: 'shop', ps: 'web.1', container: stopped.containerId!, why: '' };
      expect(countErrors(crashes(tasks, [stop], 0))).to.deep.equal([
        { source: 'web', name: 'R20', level: 'critical', title: 'Disk nearly full', count: 1 },
      ]);
      expect(crashes(tasks, [stop], Date.parse(stop.at) + 1)).to.deep.equal([]);
    });
  });

  describe('run:list and run:stop', () => {
    beforeEach(async () => {
      await desk.run('deploy --image nginx:1');
    });

    it('list one-offs of both kinds, and stop one by its name', async () => {
      expect((await desk.run('run:list')).stdout).to.equal('shop has no one-off processes.\n');
      const name = (await desk.run('run:detached rake report')).stdout.trim();
      await desk.platform.run.create('shop', { command: ['cat'] }, { user: 'ada', role: 'member', tokenId: 't' });
      const rows = (await desk.run('run:list')).stdout.split('\n');
      expect(rows.slice(0, 3).map((row) => row.trimEnd())).to.deep.equal([
        '=== shop One-off Processes',
        '',
        'Process   State     Command      Release  Node  Since',
      ]);
      expect(rows.slice(3).join('\n')).to.match(/^run\.\d{4} +up +rake report +v1 .*\nrun\.\d{4} +starting +cat +v1 /);
      expect((await desk.run(`run:stop ${name}`)).stderr).to.equal(`Stopping ${name} of shop... done\n`);
      const [ended] = JSON.parse((await desk.run('run:list --json')).stdout) as ListedRun[];
      expect(ended).to.include({ name, state: 'ended', exitCode: 143, detached: true });
      expect((await desk.run('run:list')).stdout).to.contain('ended (exited with code 143)');
    });

    it('say what to do when there is none of that name', async () => {
      const { stderr, code } = await desk.run('run:stop run.1');
      expect(stderr).to.contain('"shop" has no running one-off process run.1.').and.contain('mothership run:list');
      expect(code).to.equal(1);
    });
  });
});
