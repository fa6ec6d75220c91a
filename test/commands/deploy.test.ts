import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { eventually } from '../eventually.ts';
import { Desk } from './cli.ts';

describe('deploy', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
    await writeFile(join(desk.folder, 'Procfile'), 'web: node server.js\n');
  });
  afterEach(() => desk.close());

  const sent = (index = 0): string[] => desk.apps.built[index]!;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-C', desk.folder, ...args], {
      encoding: 'utf8',
    }).trim();

  it('creates an app named like the folder at first, and deploys to the same one afterwards', async () => {
    const first = await desk.run('deploy');
    const [app] = await desk.platform.apps.list();
    expect(first.code).to.equal(0);
    expect(app!.name).to.match(/^example-app-/);
    expect(basename(desk.folder).toLowerCase()).to.include(app!.name.slice('example-app-'.length));
    expect(first.stdout).to.equal(`${app!.url}\n`);
    expect(JSON.parse(await readFile(join(desk.folder, '.mothership.json'), 'utf8'))).to.deep.equal({
      app: app!.name,
      context: 'test',
    });
    expect((await desk.run('deploy')).code).to.equal(0);
    expect((await desk.platform.apps.list()).map((each) => each.release?.version)).to.deep.equal([2]);
    const cancelled = await desk.run('builds:cancel');
    expect(cancelled.code).to.equal(1);
    expect(cancelled.stderr).to.match(/The build \S+ has already succeeded\./);
  });

  it("tells phases and the build's output on stderr, with a summary of how long each took", async () => {
    const { stderr } = await desk.run('deploy -a shop');
    expect(stderr).to.match(
      /^Created shop\nUploading source\.\.\. done, \S+\n-----> Building\n[^]*Building\.\.\. done, \d+ms\n/,
    );
    expect(stderr).to.match(
      /Released v1 of shop: upload \S+ {2}build \S+ {2}image \S+ {2}start \S+ {2}ready \S+ {2}routed \S+ {2}drained \S+ {2}total \S+\n$/,
    );
  });

  it('prints one object with --json', async () => {
    const { stdout } = await desk.run('deploy -a shop --json');
    const result = JSON.parse(stdout);
    expect(result).to.include({ app: 'shop', release: 1, url: 'http://shop.localhost' });
    expect(result.phases).to.have.keys('upload', 'build', 'image', 'start', 'ready', 'routed', 'drained');
  });

  it("takes another name when the folder's is reserved, as api is", async () => {
    await mkdir(join(desk.folder, 'api'));
    await writeFile(join(desk.folder, 'api/Procfile'), 'web: node server.js\n');
    const { code, stderr } = await desk.run('deploy --path api');
    expect(code, stderr).to.equal(0);
    expect(stderr).to.match(/^Created api-[0-9a-f]{4}\n/);
    const named = await desk.run('deploy -a api');
    expect(named.stderr).to.contain('the name is reserved');
    expect(named.code).to.equal(2);
  });

  it("takes another name when the folder's is taken", async () => {
    await desk.run(['apps:create', '--no-link', (await desk.run('deploy --json')).stdout.match(/"app": "(.*)"/)![1]!]);
    await rm(join(desk.folder, '.mothership.json'));
    expect((await desk.run('deploy')).code).to.equal(0);
    const names = (await desk.platform.apps.list()).map((app) => app.name);
    expect(names).to.have.length(2);
    expect(names[1]).to.match(/-[0-9a-f]{4}$/);
  });

  it('is of the app of a folder above only within its repository, and says so', async () => {
    const sub = join(desk.folder, 'odd/crlf');
    await mkdir(sub, { recursive: true });
    await writeFile(join(sub, 'Procfile'), 'web: x\n');
    await desk.run('deploy -a shop');
    const alone = await desk.run('deploy', { cwd: sub });
    expect(alone.stdout).to.equal('http://crlf.localhost\n');
    await rm(join(sub, '.mothership.json'));
    git('init', '-q');
    const within = await desk.run('deploy', { cwd: sub });
    expect(within.stderr).to.match(/^Deploying to shop \(from \.\.\/\.\.\/\.mothership\.json\)\n/);
    expect((await desk.run('deploy')).stderr).not.to.contain('from ');
    expect((await desk.run('deploy -a crlf', { cwd: sub })).stderr).not.to.contain('from ');
  });

  it('names a folder that does not exist', async () => {
    const { code, stderr } = await desk.run('deploy -a shop --path nosuch');
    expect(code).to.equal(2);
    expect(stderr).to.contain('There is no folder nosuch.').and.contain('Check the path.');
  });

  it('refuses the home folder and /, and never sends what the program itself keeps there', async () => {
    const home = join(desk.folder, 'home');
    await symlink(desk.home, home);
    for (const [cwd, argv] of [
      [desk.home, 'deploy -a shop'],
      [home, 'deploy -a shop'],
      [desk.folder, 'deploy -a shop --path home'],
      [desk.folder, 'deploy -a shop --path /'],
    ] as const) {
      const { code, stderr } = await desk.run(argv, { cwd });
      expect(code).to.equal(2);
      expect(stderr).to.contain('Refusing to upload').and.contain('a folder of its own');
    }
    expect(await desk.platform.apps.list()).to.deep.equal([]);
    await mkdir(join(desk.home, 'app'));
    await writeFile(join(desk.home, 'app/Procfile'), 'web: x\n');
    expect((await desk.run('deploy -a shop --path app', { cwd: desk.home })).code).to.equal(0);
    expect((await desk.run('deploy -a shop --path .config', { cwd: desk.home })).stderr).to.contain(
      'Nothing to deploy',
    );
    await writeFile(join(desk.home, '.config/x'), 'x');
    expect((await desk.run('deploy -a shop --path .config', { cwd: desk.home })).code).to.equal(0);
    expect(desk.apps.built).to.deep.equal([['Procfile'], ['x']]);
  });

  it('says plainly that a folder is not there', async () => {
    for (const [path, message] of [
      ['/nope', 'There is no folder /nope.'],
      ['Procfile', 'Cannot read Procfile: it is not a folder.'],
      ['Procfile/x', 'There is no folder Procfile/x.'],
    ] as const) {
      const { code, stderr } = await desk.run(`deploy --path ${path}`);
      expect(code).to.equal(2);
      expect(stderr)
        .to.contain(message)
        .and.not.match(/E[A-Z]+:|scandir|slugignore/);
    }
  });

  it('fails when the app that the folder is tied to is gone, and creates none', async () => {
    await writeFile(join(desk.folder, '.mothership.json'), '{"app": "gone"}');
    const result = await desk.run('deploy');
    expect(result.code).to.equal(1);
    expect(result.stderr).to.include('Cannot find the app "gone".');
    expect(await desk.platform.apps.list()).to.deep.equal([]);
  });

  it('sends neither .git, nor what is ignored, nor the file that ties the folder', async () => {
    await mkdir(join(desk.folder, 'sub'));
    await writeFile(join(desk.folder, '.gitignore'), 'secret.txt\n*.log\n');
    await writeFile(join(desk.folder, 'sub/.gitignore'), '!keep.log\n');
    await writeFile(join(desk.folder, '.slugignore'), 'docs\n');
    await mkdir(join(desk.folder, 'docs'));
    for (const file of ['secret.txt', 'a.log', 'sub/keep.log', 'sub/b.log', 'docs/page', 'naïve name.txt'])
      await writeFile(join(desk.folder, file), file === 'sub/b.log' ? 'x' : 'y');
    await symlink('Procfile', join(desk.folder, 'link'));
    git('init', '-q');
    await desk.run('deploy -a shop');
    await desk.run('deploy');
    expect(sent(1)).to.have.members([
      '.gitignore',
      '.slugignore',
      'Procfile',
      'link',
      'naïve name.txt',
      'sub',
      'sub/.gitignore',
      'sub/keep.log',
    ]);
  });

  it('names the commit, and says when files differ from it', async () => {
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'one');
    await desk.run('deploy -a shop');
    await writeFile(join(desk.folder, 'Procfile'), 'web: other\n');
    await desk.run('deploy');
    const head = git('rev-parse', '--short', 'HEAD');
    expect((await desk.platform.releases.list('shop')).map((release) => release.ref)).to.deep.equal([
      `${head}-dirty`,
      head,
    ]);
  });

  it('deploys a git ref as it was committed, without what .slugignore names', async () => {
    git('init', '-q');
    await writeFile(join(desk.folder, '.slugignore'), 'old.txt\n');
    await writeFile(join(desk.folder, 'old.txt'), 'x');
    git('add', '.');
    git('commit', '-qm', 'one');
    git('tag', 'v1');
    await writeFile(join(desk.folder, 'new.txt'), 'x');
    const result = await desk.run('deploy -a shop --ref v1');
    expect(result.code).to.equal(0);
    expect(sent()).to.deep.equal(['.slugignore', 'Procfile']);
    expect((await desk.platform.releases.list('shop'))[0]!.ref).to.equal('v1');
  });

  it('refuses a ref that does not exist before it makes an app', async () => {
    git('init', '-q');
    const result = await desk.run('deploy -a shop --ref nowhere');
    expect(result.code).to.equal(2);
    expect(result.stderr).to.include('git failed to find "nowhere"');
    expect(await desk.platform.apps.list()).to.deep.equal([]);
  });

  it('takes no ref for an option of git', async () => {
    git('init', '-q');
    const result = await desk.run(['deploy', '-a', 'shop', '--ref=--output=/tmp/never']);
    expect(result.code).to.equal(2);
    expect(result.stderr).to.include('git failed to find "--output=/tmp/never"');
  });

  it('refuses an empty folder', async () => {
    await rm(join(desk.folder, 'Procfile'));
    const result = await desk.run('deploy');
    expect(result.code).to.equal(2);
    expect(result.stderr).to.include('Nothing to deploy');
  });

  it('releases an image without sending anything, and only for an app that is named', async () => {
    expect((await desk.run('deploy --image nginx:1')).code).to.equal(2);
    expect((await desk.run('deploy --image nginx:1 -a shop')).stdout).to.equal('http://shop.localhost\n');
    expect(desk.apps.built).to.have.length(0);
    const [release] = await desk.platform.releases.list('shop');
    expect(release).to.include({ description: 'Deploy nginx:1', current: true });
    expect(release!.image).to.equal((await desk.world.engine.image('nginx:1'))!.id);
  });

  it('says which process types there are and that web goes, and prints no URL without one', async () => {
    await writeFile(join(desk.folder, 'Procfile'), 'web: node server.js\nworker: node worker.js\n');
    const first = await desk.run('deploy -a shop');
    expect(first.stderr).to.include('       Procfile declares types -> web, worker\n');
    expect(first.stderr).to.include(' ›   Processes of v1: web=1, worker=0\n');
    await writeFile(join(desk.folder, 'Procfile'), 'Web: node server.js\n');
    const { code, stdout, stderr } = await desk.run('deploy -a shop');
    expect([code, stdout]).to.deep.equal([0, '']);
    const [warned, started] = ['Warning: v2 has no process type "web"', 'Starting new processes...'].map((text) =>
      stderr.indexOf(text),
    );
    expect(warned, stderr).to.be.above(0);
    expect(started, stderr).to.be.above(warned!);
    expect(stderr).to.include('Warning: The process type "Web" gets no web requests');
    expect(desk.world.table?.routes.find(({ host }) => host === 'shop.localhost')).to.include({ webless: true });
    expect(JSON.parse((await desk.run('deploy -a shop --json')).stdout)).to.include({ url: null });
    expect((await desk.run('deploy -a shop --no-wait')).stdout).to.equal('');
    expect((await desk.run('apps:info -a shop')).stdout).to.match(/^Web: +none \(no web process\)$/m);
    expect((await desk.run('apps')).stdout).to.not.include('http');
    const scaled = await desk.run('ps:scale web=1 -a shop');
    expect(scaled.code).to.equal(2);
    expect(scaled.stderr).to.match(/The Procfile says "Web": upper and lower case are different types\./);
    await writeFile(join(desk.folder, 'Procfile'), 'web: node server.js\n');
    expect((await desk.run('deploy -a shop')).stdout).to.equal('http://shop.localhost\n');
    expect(desk.world.table?.routes.find(({ host }) => host === 'shop.localhost')).to.not.have.property('webless');
  });

  it('exits 1 and says why when the deploy fails', async () => {
    desk.world.listening = () => false;
    const result = await desk.run('deploy -a shop');
    expect(result.code).to.equal(1);
    expect(result.stdout).to.equal('');
    expect(result.stderr).to.match(
      / ›   Error: The new release was not ready within 60 s: web [^\n]*port 8080\.\n ›\n ›   Try this: /,
    );
  });

  it('names the app name that is not valid, wherever it comes from', async () => {
    for (const [argv, env] of [
      [['deploy'], { MOTHERSHIP_APP: 'Bad Name' }],
      [['deploy', '-a', 'Bad Name'], {}],
    ] as const) {
      const { stderr, code } = await desk.run(argv, { env });
      expect(stderr).to.contain('"Bad Name" is not a valid app name');
      expect(code).to.equal(2);
    }
  });

  it("prints the error's body as the last line of stderr with --json", async () => {
    desk.world.engine.script('shop_web_v1', { state: 'failed', exitCode: 3 });
    const result = await desk.run('deploy -a shop --json');
    expect(result.stdout).to.equal('');
    expect(JSON.parse(result.stderr.trim().split('\n').at(-1)!)).to.include({
      code: 'ROLLOUT_TASK_FAILED',
      message: 'The new release failed to start: web.1 exited with code 3.',
    });
  });

  describe('while it runs', () => {
    beforeEach(() => desk.holdBuilds());

    /** A deploy whose build never ends. */
    const started = async (argv: string): Promise<{ ended: ReturnType<Desk['run']>; id: string }> => {
      const ended = desk.run(argv);
      return { ended, id: await desk.underWay('shop') };
    };
    const following = (): Promise<boolean> => eventually('lines', () => desk.shown.includes('-----> Building'));
    const stateOf = async (id: string): Promise<string> => (await desk.platform.operations.info(id)).state;

    it("returns at once with --detach and prints the operation's id", async () => {
      const { ended, id } = await started('deploy -a shop --detach');
      expect(await ended).to.include({ stdout: `${id}\n`, code: 0 });
      expect(await stateOf(id)).to.equal('running');
    });

    it('returns once routed with --no-wait', async () => {
      await desk.run('deploy --image nginx:1 -a shop');
      desk.world.inFlight = { 'shop/1': 1 };
      expect(await desk.run('deploy --image nginx:2 -a shop --no-wait')).to.include({
        stdout: 'http://shop.localhost\n',
        code: 0,
      });
      expect(desk.world.served('shop.localhost')).to.deep.equal({ 'shop/2': 1 });
      expect(await stateOf(await desk.underWay('shop'))).to.equal('running');
    });

    it('is cancelled by Ctrl-C when nobody is there to ask, with exit code 130', async () => {
      const { ended, id } = await started('deploy -a shop');
      await following();
      desk.signal('SIGINT');
      expect((await ended).code).to.equal(130);
      expect(await stateOf(id)).to.equal('cancelled');
    });

    it('goes on when the terminal is closed, with exit code 4', async () => {
      const { ended, id } = await started('deploy -a shop');
      await following();
      desk.signal('SIGHUP');
      const { code, stderr } = await ended;
      expect(code).to.equal(4);
      for (const command of ['releases', 'builds:output', 'builds:cancel'])
        expect(stderr).to.include(`mothership ${command} -a shop`);
      expect(await stateOf(id)).to.equal('running');
    });
  });
});
