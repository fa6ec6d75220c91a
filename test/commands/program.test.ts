import { expect } from 'chai';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { eventually } from '../eventually.ts';
import { Desk } from './cli.ts';

const program = resolve('bin/mothership');

describe('the program as it is built', () => {
  let desk: Desk;
  before(function () {
    this.timeout(60_000);
    if (!existsSync('dist')) execFileSync('npx', ['tsx', 'scripts/build.ts']);
  });
  beforeEach(async () => {
    desk = await Desk.open();
    desk.rig.flow();
  });
  afterEach(() => desk.close());

  const env = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: desk.home });
  const start = (...argv: string[]) =>
    spawn(program, argv, { cwd: desk.folder, env: env(), stdio: ['ignore', 'pipe', 'pipe'] });
  const run = (...argv: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    new Promise((done) => {
      const child = start(...argv);
      const texts = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const)
        child[name].on('data', (chunk: Buffer) => {
          texts[name] += chunk.toString('utf8');
        });
      child.on('close', (code) => done({ code, ...texts }));
    });

  it('tells its version alike in both ways', async () => {
    const { version } = JSON.parse(execFileSync('cat', ['package.json'], { encoding: 'utf8' })) as { version: string };
    const long = await run('--version');
    expect(long).to.deep.equal({
      code: 0,
      stdout: `mothership/${version} ${process.platform}-${process.arch} node-${process.version}\n`,
      stderr: '',
    });
    expect((await run('version')).stdout).to.equal(long.stdout);
  });

  it('has a controller that loads, and knows neither SSH nor EC2', async () => {
    const bundle = await readFile('dist/controller/server.js', 'utf8');
    expect(bundle).to.not.match(/ssh-userauth|RunInstances/);
    const { stderr } = spawnSync(process.execPath, [resolve('dist/controller/server.js')], {
      encoding: 'utf8',
      env: { DOCKER_HOST: 'unix:///no/such.sock' },
      timeout: 8_000,
    });
    expect(stderr).to.not.match(/ReferenceError|SyntaxError/);
  });

  it('helps with itself, a topic and a command', async () => {
    expect((await run()).stdout).to.match(/TOPICS\n {2}apps .*COMMANDS\n.* {2}deploy .*EXIT CODES\n {2}0 /s);
    expect((await run('help', 'cluster')).stdout).to.include('cluster:destroy');
    expect((await run('tokens', '--help')).stdout).to.include('tokens:revoke');
    expect((await run('help', 'config', 'set')).stdout)
      .to.include('mothership config:set')
      .and.to.include('EXAMPLES');
    expect((await run('frobnicate')).code).to.equal(2);
  });

  it('deploys from a folder through its own connection', async () => {
    await writeFile(join(desk.folder, 'Procfile'), 'web: x\n');
    expect(await run('deploy', '-a', 'shop')).to.include({ code: 0, stdout: 'http://shop.localhost\n' });
    expect(desk.apps.built).to.deep.equal([['Procfile']]);
    expect((await run('ps:scale', 'web=2')).stdout).to.equal('web=2:512M/1\n');
    expect((await run('run', 'exit', '9')).code).to.equal(9);
  });

  for (const [signal, code, state] of [
    ['SIGINT', 130, 'cancelled'],
    ['SIGTERM', 4, 'running'],
    ['SIGHUP', 4, 'running'],
  ] as const) {
    it(`on ${signal} in a deploy exits with ${code}, and the deploy is ${state}`, async () => {
      await desk.holdBuilds();
      await writeFile(join(desk.folder, 'Procfile'), 'web: x\n');
      const child = start('deploy', '-a', 'shop');
      const ended = new Promise((done) => child.on('close', done));
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      await eventually('lines', () => said.includes('-----> Building'));
      const id = await desk.underWay('shop');
      child.kill(signal);
      expect(await ended).to.equal(code);
      expect((await desk.platform.operations.info(id)).state).to.equal(state);
    });
  }

  it('says that its folder was removed', () => {
    const script = 'cd "$(mktemp -d)" && rmdir "$PWD" && exec "$0" $1';
    for (const line of ['deploy', 'apps', 'setup --plan', 'config:set A --from-file x -a shop']) {
      const { status, stderr } = spawnSync('sh', ['-c', script, program, line], { encoding: 'utf8', env: env() });
      expect(status, line).to.equal(2);
      expect(stderr, line).to.match(/^ › {3}Error: The current folder no longer exists\.\n/);
    }
  });

  it('is quiet when the reader of a pipe has seen enough', async () => {
    await desk.run('apps:create shop');
    await desk.run('deploy --image nginx -a shop');
    await desk.say(
      'shop',
      Array.from({ length: 5_000 }, (_, n) => `line ${n} ${'x'.repeat(100)}`),
    );
    const shell = await new Promise<{ code: number | null; text: string }>((done) => {
      const child = spawn('sh', ['-c', '"$0" logs -n 5000 -a shop | head -n 1', program], { env: env() });
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
      child.on('close', (code) => done({ code, text }));
    });
    expect(shell.text).to.match(/^\S+ app\[web\.1\]: line 0 x+\n$/);
  });

  it('says what to do in a checkout that is not built', () => {
    const folder = join(desk.folder, 'bin');
    execFileSync('cp', ['-r', resolve('bin'), folder]);
    const { status, stderr } = spawnSync(join(folder, 'mothership'), ['apps'], { encoding: 'utf8' });
    expect({ status, stderr }).to.deep.equal({
      status: 1,
      stderr: ' ›   Error: Mothership is not built yet.\n ›\n ›   Try this: npm install && npm run build\n',
    });
  });
});
