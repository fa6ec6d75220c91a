import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fail } from '../../src/errors/index.ts';
import { untar } from '../cli/untar.ts';
import { Desk } from './cli.ts';

describe('deploy', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
    await writeFile(join(desk.folder, 'Procfile'), 'web: node server.js\n');
  });
  afterEach(() => desk.close());

  const sent = async (index = 0): Promise<string[]> =>
    (await untar(desk.platform.uploads[index]!)).map((entry) => entry.name);
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
      context: 'fake',
    });
    expect((await desk.run('deploy')).code).to.equal(0);
    expect((await desk.platform.apps.list()).map((each) => each.release?.version)).to.deep.equal([2]);
  });

  it("tells phases and the build's output on stderr, with a summary of how long each took", async () => {
    const { stderr } = await desk.run('deploy -a shop');
    expect(stderr).to.match(
      /^Created shop\nUploading source\.\.\. done, \d+ms\n-----> Building\nBuilding\.\.\. done, 5ms\n/,
    );
    expect(stderr).to.match(
      /Released v1 of shop: upload \d+ms {2}build 5ms {2}start 5ms {2}ready 5ms {2}routed 5ms {2}total \S+\n$/,
    );
  });

  it('prints one object with --json', async () => {
    const { stdout } = await desk.run('deploy -a shop --json');
    const result = JSON.parse(stdout);
    expect(result).to.include({ app: 'shop', release: 1, url: 'http://shop.localhost' });
    expect(result.phases).to.have.keys('upload', 'build', 'start', 'ready', 'routed');
  });

  it("takes another name when the folder's is taken", async () => {
    await desk.run(['apps:create', '--no-link', (await desk.run('deploy --json')).stdout.match(/"app": "(.*)"/)![1]!]);
    await rm(join(desk.folder, '.mothership.json'));
    expect((await desk.run('deploy')).code).to.equal(0);
    const names = (await desk.platform.apps.list()).map((app) => app.name);
    expect(names).to.have.length(2);
    expect(names[1]).to.match(/-[0-9a-f]{4}$/);
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
    expect(await sent(1)).to.have.members([
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
    expect(await sent()).to.deep.equal(['.slugignore', 'Procfile']);
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
    expect(desk.platform.uploads).to.have.length(0);
    expect((await desk.platform.releases.list('shop'))[0]!.image).to.equal('nginx:1');
  });

  it('exits 1 and says why when the deploy fails', async () => {
    desk.platform.operations.failNext = fail('ROLLOUT_NEVER_READY', {
      type: 'web',
      seconds: 60,
      why: 'does not listen',
    });
    const result = await desk.run('deploy -a shop');
    expect(result.code).to.equal(1);
    expect(result.stdout).to.equal('');
    expect(result.stderr).to.match(
      / ›   Error: The new release was not ready within 60 s: web does not listen\.\n ›\n ›   Try this: /,
    );
  });

  it("prints the error's body as the last line of stderr with --json", async () => {
    desk.platform.operations.failNext = fail('BUILD_KILLED', { why: 'used 2 GB of 2 GB' });
    const result = await desk.run('deploy -a shop --json');
    expect(result.stdout).to.equal('');
    expect(JSON.parse(result.stderr.trim().split('\n').at(-1)!)).to.include({
      code: 'BUILD_KILLED',
      message: 'Build stopped: used 2 GB of 2 GB.',
    });
  });

  describe('while it runs', () => {
    const started = async (argv: string): Promise<{ ended: ReturnType<Desk['run']>; id: string }> => {
      desk.platform.operations.hold = true;
      const ended = desk.run(argv);
      for (let id; ; await new Promise((resolve) => setTimeout(resolve, 5)))
        if ((id = desk.platform.operations.running('shop')?.id)) return { ended, id };
    };
    const following = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 200));

    it("returns at once with --detach and prints the operation's id", async () => {
      const { ended, id } = await started('deploy -a shop --detach');
      expect(await ended).to.include({ stdout: `${id}\n`, code: 0 });
      expect((await desk.platform.operations.info(id)).state).to.equal('running');
    });

    it('returns once routed with --no-wait', async () => {
      const { ended, id } = await started('deploy -a shop --no-wait');
      expect(await ended).to.include({ stdout: 'http://shop.localhost\n', code: 0 });
      expect((await desk.platform.operations.info(id)).state).to.equal('running');
    });

    it('is cancelled by Ctrl-C when nobody is there to ask, with exit code 130', async () => {
      const { ended, id } = await started('deploy -a shop');
      await following();
      desk.signal('SIGINT');
      expect((await ended).code).to.equal(130);
      expect((await desk.platform.operations.info(id)).state).to.equal('cancelled');
    });

    it('goes on when the terminal is closed, with exit code 4', async () => {
      const { ended, id } = await started('deploy -a shop');
      await following();
      desk.signal('SIGHUP');
      expect((await ended).code).to.equal(4);
      expect((await desk.platform.operations.info(id)).state).to.equal('running');
    });
  });
});
