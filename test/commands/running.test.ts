import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { eventually } from '../eventually.ts';
import { Desk } from './cli.ts';

describe('a running app', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
    await desk.run('apps:create shop');
    await desk.run('deploy --image nginx:1');
  });
  afterEach(() => desk.close());

  const formation = async (): Promise<string> =>
    (await desk.platform.formation.get('shop'))
      .map((line) => `${line.type}=${line.quantity}:${line.size.memory}/${line.size.cpus}`)
      .join(' ');

  describe('ps', () => {
    it('shows tasks by type, and as rows', async () => {
      await writeFile(join(desk.folder, 'Procfile'), 'web: node server.js\n');
      await desk.run('deploy');
      await desk.run('ps:scale web=2');
      const { stdout } = await desk.run('ps');
      expect(stdout).to.match(
        /^=== web \(512M\/1\): node server\.js \(2\)\n\nweb\.1: up \d{4}-\d\d-\d\d .* \(~ \d+s ago\) {2}v2 {2}(one|two) {2}uses 48M\/0\.25\nweb\.2: up /,
      );
      const rows = JSON.parse((await desk.run('ps --json')).stdout);
      expect(
        rows.map((row: { name: string; state: string; release: number }) => [row.name, row.state, row.release]),
      ).to.deep.equal([
        ['web.1', 'up', 2],
        ['web.2', 'up', 2],
      ]);
      expect((await desk.run('ps worker')).stdout).to.equal('No processes of shop are running.\n');
    });

    it('scales to a number, by a number, with a size, and tells what there is', async () => {
      expect(await desk.run('ps:scale web=3')).to.include({
        stdout: 'web=3:512M/1\n',
        stderr: 'Scaling web to 3 on shop... done\n',
        code: 0,
      });
      await desk.run('ps:scale web-1');
      expect(await formation()).to.equal('web=2:536870912/1');
      await desk.run('scale web+2:1G/0.5');
      expect(await formation()).to.equal('web=4:1073741824/0.5');
      const { stdout } = await desk.run('ps:scale');
      expect(stdout).to.equal('web=4:1G/0.5\n');
      expect((await desk.run(`ps:scale ${stdout.trim()}`)).code).to.equal(0);
      expect(await formation()).to.equal('web=4:1073741824/0.5');
    });

    it('sizes', async () => {
      expect((await desk.run('ps:type web=256M/0.25')).stdout).to.equal(
        'Type  Memory  CPUs  Quantity\nweb   256M    0.25  1\n',
      );
      expect(await formation()).to.equal('web=1:268435456/0.25');
    });

    for (const line of ['ps:scale web=lots', 'ps:scale web', 'ps:type web=big', 'ps:stop']) {
      it(`refuses "${line}" with exit code 2 and changes nothing`, async () => {
        expect((await desk.run(line)).code).to.equal(2);
        expect(await formation()).to.equal('web=1:536870912/1');
      });
    }

    it('names the process types that there are when one is unknown', async () => {
      const result = await desk.run('ps:scale worker=1');
      expect(result.code).to.equal(2);
      expect(result.stderr).to.include('Cannot find the process type "worker". Available types: web.');
    });

    it('restarts and stops', async () => {
      expect((await desk.run('ps:restart')).stderr).to.equal('Restarting all processes of shop... done, v1\n');
      expect((await desk.run('restart web')).stderr).to.equal('Restarting web of shop... done, v1\n');
      expect((await desk.run('ps:stop web')).code).to.equal(0);
      expect(await formation()).to.equal('web=0:536870912/1');
    });
  });

  describe('releases', () => {
    beforeEach(async () => {
      await desk.run('config:set A=1');
    });

    it('are listed, newest first, with the current one in the heading', async () => {
      const { stdout } = await desk.run('releases');
      expect(stdout).to.match(
        /^=== shop Releases - Current: v2\n\nRelease {2}Description +By +When\nv2 +Set A config var +admin .*\nv1 +Deploy nginx:1 +admin /,
      );
      expect(JSON.parse((await desk.run('releases -n 1 --json')).stdout)).to.have.length(1);
    });

    it('are shown one at a time', async () => {
      expect(JSON.parse((await desk.run('releases:info --json')).stdout)).to.include({ version: 2, current: true });
      expect(JSON.parse((await desk.run('releases:info v1 --json')).stdout)).to.include({ version: 1, current: false });
      expect((await desk.run('releases:info 1')).stdout)
        .to.include('Release v1')
        .and.to.include('Deploy nginx:1');
      expect((await desk.run('releases:info v9')).code).to.equal(1);
      expect((await desk.run('releases:info latest')).code).to.equal(2);
    });

    it('are gone back to', async () => {
      expect((await desk.run('rollback')).stderr).to.match(/^Rolling shop back to v1\.\.\. done, v3$/m);
      expect((await desk.run('releases:rollback v2')).stderr).to.match(/^Rolling shop back to v2\.\.\. done, v4$/m);
      expect(JSON.parse((await desk.run('rollback v1 --json')).stdout))
        .to.include({ app: 'shop', release: 5 })
        .and.to.have.property('phases');
      expect((await desk.platform.releases.list('shop')).map((release) => release.description)).to.deep.equal([
        'Rollback to v1',
        'Rollback to v2',
        'Rollback to v1',
        'Set A config var',
        'Deploy nginx:1',
      ]);
      expect((await desk.run('rollback x')).code).to.equal(2);
    });
  });

  describe('logs', () => {
    beforeEach(async () => {
      await writeFile(join(desk.folder, 'Procfile'), 'web: x\nworker: y\n');
      await desk.run('deploy');
      await desk.run('ps:scale worker=1');
      for (let n = 1; n <= 5; n++) {
        await desk.say('shop', `line ${n}`);
        await desk.world.clock.advance(1_000);
      }
      await desk.say('shop', '\x1b[2Jfrom \x1b[31mworker\x1b[0m', 'worker.1');
      const { engine, clock } = desk.world;
      const router = await engine.createService({
        name: 'mothership-router',
        labels: { 'mothership.kind': 'router' },
        image: 'r',
        env: {},
        networks: [],
        replicas: 1,
        endpointMode: 'dnsrr',
        restart: { condition: 'any', delayMs: 0 },
      });
      const [task] = await engine.tasks({ service: router });
      const at = (clock.now() + 1) / 1000;
      engine.say(
        task!.id,
        `at=${at} target=shop/shop-2 code= status=200 bytes=28 connect=0.001 service=0.006 peer=127.1.0.28:8080 ` +
          'fwd=172.17.0.1 request_id=99fc09bb protocol=http method=GET host=shop.localhost path=/',
      );
    });

    it('are printed as Heroku does, without what moves the cursor', async () => {
      const { stdout } = await desk.run('logs');
      expect(stdout.split('\n')[0]).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z app\[web\.1\]: line 1$/);
      expect(stdout).to.match(
        / app\[worker\.1\]: from worker\n.* router: at=info method=GET path="\/" host=shop\.localhost .*\n$/,
      );
    });

    it('are chosen by number, process and source', async () => {
      expect((await desk.run('logs -n 2 -p web')).stdout)
        .to.match(/line 4\n.*line 5\n$/)
        .and.not.include('line 3');
      expect((await desk.run('logs --source router')).stdout).to.match(/^\S+ router: at=info .*\n$/);
      expect(JSON.parse((await desk.run('logs -s app -p worker.1 --json')).stdout)).to.include({
        ps: 'worker.1',
        source: 'app',
      });
      expect((await desk.run('logs -n -1')).code).to.equal(2);
      expect((await desk.run('logs -s disk')).code).to.equal(2);
    });

    it('follow with --tail until Ctrl-C, with exit code 130', async () => {
      await desk.world.clock.advance(2_000);
      const ended = desk.run('logs -t -n 1 -s app');
      await eventually('the past', () => desk.printed.includes('from worker'));
      await desk.say('shop', 'fresh');
      await eventually('the present', () => desk.printed.includes('fresh'));
      desk.signal('SIGINT');
      const { stdout, stderr, code } = await ended;
      expect(stdout).to.match(/from worker\n.*fresh\n$/);
      expect({ stderr, code }).to.deep.equal({ stderr: '', code: 130 });
    });
  });

  describe('run', () => {
    it('passes stdin, stdout, stderr and the exit code on', async () => {
      expect(await desk.run('run cat', { stdin: 'through and back\n' })).to.deep.equal({
        stdout: 'through and back\n',
        stderr: 'end of input\n',
        code: 0,
      });
      expect((await desk.run('run exit 7')).code).to.equal(7);
      expect((await desk.run('run flood 3000000')).stdout).to.have.length(3_000_000);
    });

    it('takes a megabyte and more of input', async () => {
      const { stdout } = await desk.run('run cat', { stdin: 'y'.repeat(3_000_000) });
      expect(stdout).to.have.length(3_000_000);
    });

    it("leaves the command's own flags to it", async () => {
      for (const [line, command] of [
        ['run -a shop exit 0 --json -a other', ['exit', '0', '--json', '-a', 'other']],
        ['run -- exit 0 --help', ['exit', '0', '--help']],
        ['run --app=shop exit 0 -- x', ['exit', '0', '--', 'x']],
        ['run exit 0 0 0', ['exit', '0', '0', '0']],
        ['run exit 0 -a shop', ['exit', '0']],
        ['run exit 0 --app=shop', ['exit', '0']],
        ['run exit 0 -- -a nope', ['exit', '0', '--', '-a', 'nope']],
      ] as const) {
        expect((await desk.run(line)).code, line).to.equal(0);
        expect(desk.apps.programs.at(-1)!.words, line).to.deep.equal(command);
      }
      expect((await desk.run('run')).code).to.equal(2);
      expect((await desk.run('run --help')).stdout).to.include('Run a one-off process');
    });

    it('hangs up when it is told nothing more', async () => {
      const stdin = new PassThrough();
      const ended = desk.run('run cat', { stdin });
      stdin.write('one');
      await eventually('one', () => desk.printed === 'one');
      stdin.end('two');
      expect((await ended).stdout).to.equal('onetwo');
    });

    it('prints the name of a detached one', async () => {
      expect((await desk.run('run:detached sleep 60')).stdout).to.match(/^run\.\d+\n$/);
      expect(JSON.parse((await desk.run('run:detached --json sleep 60')).stdout)).to.have.keys('id', 'name', 'release');
    });
  });
});
