import { expect } from 'chai';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Build, Buildpack } from '../../src/api/index.ts';
import { buildpackFiles, GitServer } from '../builds/git-server.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import type { Cluster } from '../fixtures/cluster.ts';
import { perlServer } from './perl-server.ts';

const SERVER = perlServer('"$ENV{PORT} $ENV{DYNO} $ENV{PS} $ENV{GREETING}"');

/** What processes of an app built by buildpacks meet: the second half of the table in docs/buildpacks.md. */
describe('an app moved from Heroku', function () {
  this.timeout(120_000);
  const app = 'moved';
  let mothership: Cluster;
  let server: GitServer;
  let buildpack: string;
  let commit: string;
  let folder: string;

  before(async function () {
    this.timeout(240_000);
    [mothership, server] = await Promise.all([cluster(), GitServer.start()]);
    commit = await server.commit(
      'moved',
      buildpackFiles({ compile: 'chmod +x $1/bin/*', test: 'echo "tested with ${GREETING-nothing}"; exit 6' }),
    );
    buildpack = `${server.urlFor(mothership.node)}/moved`;
    folder = await mothership.folder(app);
    const manifest = {
      env: { GREETING: 'hello', SECRET_KEY: { generator: 'secret' } },
      formation: { worker: { quantity: 1 } },
      buildpacks: [{ url: `${buildpack}#main` }],
      scripts: { postdeploy: 'echo "seeding as $DYNO"' },
      addons: ['heroku-postgresql'],
    };
    await write({
      Procfile: 'web: bin/server\nworker: sleep 1000\nclock: sleep 1000\nrelease: bin/release-it\n',
      'bin/server': SERVER,
      'bin/release-it': '#!/bin/bash\necho "releasing $GREETING"; [[ -z $BREAK ]]\n',
      'app.json': JSON.stringify(manifest),
    });
  });
  after(() => server.stop());

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
      await chmod(join(folder, path), 0o755);
    }
  }
  const answer = async (): Promise<string[]> => (await mothership.http(app)).body.split(' ');
  const deploy = () => mothership.mothership(['deploy', '-a', app], { cwd: folder });
  const counts = async (): Promise<Record<string, number>> =>
    Object.fromEntries((await mothership.info(app)).formation.map(({ type, quantity }) => [type, quantity]));

  it('20. app.json gives a new app its config vars, a secret, its formation and buildpacks, runs postdeploy once, and names the add-ons that there are not', async () => {
    const { code, stderr } = await deploy();
    expect(code, stderr).to.equal(0);
    expect(stderr).to.contain('seeding as postdeploy.1').and.contain('heroku-postgresql');
    const config = await mothership.json<Record<string, string>>(['config', '-a', app]);
    expect(config['GREETING']).to.equal('hello');
    expect(config['SECRET_KEY']).to.match(/^[0-9a-f]{64}$/);
    expect((await counts())['worker']).to.equal(1);
    expect((await mothership.json<Build>(['builds:info', '-a', app])).buildpacks).to.deep.equal([
      `${buildpack}#main ${commit}`,
    ]);
  });

  it('18. the first deploy runs one web process, and of the other types none unless app.json says so', async () => {
    expect(await counts()).to.deep.equal({ web: 1, worker: 1, clock: 0 });
  });

  it('13. web is told its PORT and is what requests get to', async () => {
    expect(Number((await answer())[0])).to.be.within(1024, 65535);
  });

  it('14. DYNO and PS are the type and number of a process', async () => {
    expect((await answer()).slice(1, 3)).to.deep.equal(['web.1', 'web.1']);
    expect(await mothership.ok(['run', '-a', app, 'echo $DYNO'])).to.match(/^run\.\d+\n$/);
  });

  it('16. the release command runs once for each release, before the switch; when it fails the old release stays', async () => {
    const good = await mothership.mothership(['config:set', 'GREETING=again', '-a', app]);
    expect(good.stderr).to.contain('releasing again');
    const { code, stderr } = await mothership.mothership(['config:set', 'BREAK=1', 'GREETING=never', '-a', app]);
    expect(code).to.equal(1);
    expect(stderr).to.contain('releasing never');
    expect((await answer())[3]).to.equal('again');
  });

  it('17. a deploy, a config change and a rollback each make a numbered release, a rollback one with the content of an older', async () => {
    const before = await mothership.current(app);
    await mothership.ok(['rollback', '-a', app]);
    const [newest] = await mothership.releases(app);
    expect(newest).to.include({ current: true, status: 'succeeded' });
    expect(newest!.version).to.be.greaterThan(before);
    expect((await answer())[3]).to.equal('hello');
  });

  it('21. what a process writes to its files is its own and gone with it', async () => {
    await mothership.ok(['run', '-a', app, 'touch /app/mine && ls /app/mine']);
    expect((await mothership.mothership(['run', '-a', app, 'ls /app/mine'])).code).to.equal(2);
  });

  it('builds with the buildpacks that are set on it, before those of app.json, and tells which commits', async () => {
    await mothership.ok(['buildpacks:set', buildpack, '-a', app]);
    await mothership.ok(['buildpacks:add', 'procfile', '-i', '1', '-a', app]);
    expect((await deploy()).code).to.equal(0);
    const info = await mothership.json<Buildpack[]>(['buildpacks:info', '-a', app]);
    expect(info.map(({ name, version }) => ({ name, version }))).to.deep.equal([
      { name: 'procfile', version: '1.0.0' },
      { name: buildpack, version: commit },
    ]);
    expect((await mothership.ok(['buildpacks', '-a', app])).trim().split('\n').slice(-2)).to.deep.equal([
      '1. procfile',
      `2. ${buildpack}`,
    ]);
  });

  it("has its tests run with ci:run, without its config vars, and their exit code is the command's", async () => {
    const releases = (await mothership.releases(app)).length;
    const { code, stderr } = await mothership.mothership(['ci:run', '-a', app], { cwd: folder });
    expect(code).to.equal(6);
    expect(stderr).to.contain('tested with hello');
    expect((await mothership.releases(app)).length).to.equal(releases);
  });
});
