import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tokens } from '../controller/tokens.ts';
import { Desk } from './cli.ts';

describe('an app in a repository', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
    await put({
      'package.json': '{}',
      'libs/shared/index.js': '',
      'libs/other.js': '',
      'services/shop/Procfile': 'web: a\n',
      'services/shop/src/a.js': '',
      'services/blog/Procfile': 'web: b\n',
      'services/shop/.slugignore': 'docs\n',
      'services/shop/docs/d.md': '',
      '.gitignore': '*.log\n',
      'services/shop/x.log': '',
    });
    for (const app of ['shop', 'blog']) await desk.run(`apps:create ${app} --no-link`);
    await desk.run('apps:root services/shop --watch libs/shared -w package.json -a shop');
  });
  afterEach(() => desk.close());

  const put = async (files: Record<string, string>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(desk.folder, path)), { recursive: true });
      await writeFile(join(desk.folder, path), text);
    }
  };
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-C', desk.folder, ...args], {
      encoding: 'utf8',
    });
  const sent = (): string[] => desk.apps.built.at(-1)!;
  /** What the app is built from. */
  const parts = [
    '.repository',
    '.repository/libs',
    '.repository/libs/shared',
    '.repository/libs/shared/index.js',
    '.repository/package.json',
    '.slugignore',
    'Procfile',
    'src',
    'src/a.js',
  ];
  const codeOf = async (argv: string, cwd = '.'): Promise<string> => {
    const { stderr } = await desk.run(`${argv} --json`, { cwd: join(desk.folder, cwd) });
    return (JSON.parse(stderr.trim().split('\n').at(-1)!) as { code: string }).code;
  };

  it('has its root shown, changed and taken away', async () => {
    expect((await desk.run('apps:root -a shop')).stdout).to.equal(
      '=== shop Source\n\nRoot:     services/shop\nWatches:  libs/shared\n          package.json\n',
    );
    expect((await desk.run('apps:info -a shop')).stdout).to.match(
      /Root: +services\/shop\nWatches: +libs\/shared\n +package.json\n/,
    );
    expect(await desk.run('apps:root services/blog -a shop')).to.deep.equal({
      code: 0,
      stdout: '',
      stderr: 'Setting the root of shop... done, services/blog\n',
    });
    expect(JSON.parse((await desk.run('apps:root -a shop --json')).stdout)).to.deep.equal({
      app: 'shop',
      root: 'services/blog',
      watch: [],
    });
    await desk.run('apps:root . -a shop');
    expect((await desk.run('apps:root -a shop')).stdout).to.equal(
      'shop has no root: the whole deployed folder belongs to it.\n',
    );
    expect(await codeOf('apps:root --watch libs -a shop')).to.equal('USAGE_INVALID');
    for (const path of ['../up', '/etc', 'a/../../b'])
      expect(await codeOf(`apps:root ${path} -a shop`)).to.equal('SOURCE_PATH_INVALID');
  });

  it('is sent from the top and from within, without the rest of the repository', async () => {
    for (const cwd of ['.', 'services/shop', 'services/shop/src']) {
      const { code, stderr } = await desk.run('deploy -a shop', { cwd: join(desk.folder, cwd) });
      expect(code, stderr).to.equal(0);
      expect(sent(), cwd).to.deep.equal(parts);
    }
  });

  it('is sent as it was committed', async () => {
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'one');
    await put({ 'services/shop/new.js': '' });
    await desk.run('deploy -a shop --ref HEAD', { cwd: join(desk.folder, 'services/blog') });
    expect(sent()).to.deep.equal(parts);
  });

  it('ties its root to itself, not the repository', async () => {
    git('init', '-q');
    await desk.run('deploy -a shop');
    expect(existsSync(join(desk.folder, '.mothership.json'))).to.equal(false);
    expect(JSON.parse(await readFile(join(desk.folder, 'services/shop/.mothership.json'), 'utf8'))).to.include({
      app: 'shop',
    });
    expect((await desk.run('deploy', { cwd: join(desk.folder, 'services/shop/src') })).code).to.equal(0);
    expect(sent()).to.deep.equal(parts);
  });

  it('is sent as a folder alone with --path', async () => {
    await desk.run('deploy -a shop --path services/shop/src');
    expect(sent()).to.deep.equal(['a.js']);
    await desk.run('deploy -a blog --path services/blog');
    expect(sent()).to.deep.equal(['Procfile']);
  });

  it('is refused where its root is not, and nothing is sent', async () => {
    expect(await codeOf('deploy -a shop', 'services/blog')).to.equal('SOURCE_ROOT_MISSING');
    await desk.run('apps:root services/none -a shop');
    expect(await codeOf('deploy -a shop')).to.equal('SOURCE_ROOT_MISSING');
    expect(await codeOf('ci:run -a shop')).to.equal('SOURCE_ROOT_MISSING');
    expect(desk.apps.built).to.have.length(0);
  });

  it('asks for what the controller decides: to leave alone what has not changed, or not', async () => {
    const asked: unknown[] = [];
    const { builds } = desk.platform;
    const create = builds.create.bind(builds);
    Object.assign(builds, {
      create: (...[app, request, caller]: Parameters<typeof create>) => (
        asked.push({ repository: request.options.repository, force: request.options.force }),
        create(app, request, caller)
      ),
    });
    for (const flags of ['', ' --force', ' --path services/shop']) await desk.run(`deploy -a shop${flags}`);
    expect(asked).to.deep.equal([
      { repository: true, force: undefined },
      { repository: true, force: true },
      { repository: undefined, force: undefined },
    ]);
  });

  it('is not called released when it was left as it is', async () => {
    await desk.run('deploy -a shop');
    const { code, stdout, stderr } = await desk.run('deploy -a shop');
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: 'http://shop.localhost\n' });
    expect(stderr).to.include("Nothing in shop's root or watch paths has changed").and.not.include('Released');
    expect(JSON.parse((await desk.run('deploy -a shop --json')).stdout)).to.include({ release: 1, unchanged: true });
    expect(desk.apps.built).to.have.length(1);
  });

  it('has its deploys cancelled by a token that may deploy it, and those of no other app', async () => {
    const env = { MOTHERSHIP_TOKEN: tokens.deployer };
    await desk.holdBuilds();
    for (const app of ['shop', 'blog']) await desk.run(`deploy -a ${app} --detach --path services/${app}`);
    expect((await desk.run('builds:cancel -a shop', { env })).code).to.equal(0);
    expect((await desk.run('builds:cancel -a blog', { env })).stderr).to.include('do anything except deploy shop');
    const states = await Promise.all(
      ['shop', 'blog'].map(async (app) => (await desk.platform.builds.list(app))[0]!.status),
    );
    expect(states).to.deep.equal(['cancelled', 'running']);
    const again = await desk.run('builds:cancel -a shop', { env });
    expect(again.code).to.equal(1);
    expect(again.stderr).to.match(/The build \S+ has already been cancelled\./);
  });

  it('is deployed by a token that may do nothing else', async () => {
    expect((await desk.run('deploy -a shop', { env: { MOTHERSHIP_TOKEN: tokens.deployer } })).code).to.equal(0);
    expect(sent()).to.deep.equal(parts);
  });
});
