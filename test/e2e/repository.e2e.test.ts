import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Build, BuildSettings } from '../../src/api/index.ts';
import { buildpackFiles, GitServer } from '../builds/git-server.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import type { Cluster } from '../fixtures/cluster.ts';
import { perlServer } from './perl-server.ts';

/** Answers what the app has of its library, what its build was given, and what it is given itself. */
const SERVER = perlServer(
  'join(" ", `cat shared/text`, `cat built-with`, $ENV{GOPROXY} // "none", -e "README.md" ? "more" : "alone")',
);

describe('a repository of two apps', function () {
  this.timeout(120_000);
  const mirror = 'https://go.example.com';
  let mothership: Cluster;
  let server: GitServer;
  let top: string;

  before(async function () {
    this.timeout(240_000);
    [mothership, server] = await Promise.all([cluster(), GitServer.start()]);
    await server.commit(
      'built-with',
      buildpackFiles({
        compile: 'chmod +x $1/bin/*; cat $3/GOPROXY > $1/built-with 2>/dev/null || echo -n none > $1/built-with',
      }),
    );
    top = await mothership.folder('two-apps');
    await write({ 'README.md': 'both', 'libs/shared/text': 'library' });
    for (const app of ['ant-e2e', 'bee-e2e']) {
      await write({
        [`services/${app}/Procfile`]: 'web: bin/server\n',
        [`services/${app}/bin/server`]: SERVER,
        [`services/${app}/.buildpacks`]: `${server.urlFor(mothership.node)}/built-with\n`,
        [`services/${app}/shared/text`]: 'library',
      });
      await mothership.ok(['apps:create', app, '--no-link']);
      await mothership.ok(['apps:root', `services/${app}`, '--watch', 'libs', '-a', app]);
    }
    await mothership.ok(['builds:settings:set', `GOPROXY=${mirror}`]);
  });
  after(async () => {
    await mothership.ok(['builds:settings:unset', 'GOPROXY']);
    await server.stop();
  });

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(top, path)), { recursive: true });
      await writeFile(join(top, path), content);
      await chmod(join(top, path), 0o755);
    }
  }
  const deploy = (app: string, folder = '.', ...flags: string[]) =>
    mothership.json<{ release: number; unchanged?: boolean; url: string }>(['deploy', '-a', app, ...flags], {
      cwd: join(top, folder),
    });

  it('is deployed app by app from its top and from within, each with its own folder', async () => {
    await Promise.all([deploy('ant-e2e'), deploy('bee-e2e', 'services/bee-e2e/bin')]);
    for (const app of ['ant-e2e', 'bee-e2e'])
      expect((await mothership.http(app)).body).to.equal(`library ${mirror} none alone`);
    expect((await mothership.info('bee-e2e')).source).to.deep.equal({ root: 'services/bee-e2e', watch: ['libs'] });
  });

  it('gets a release of the app that was changed, and of no other', async () => {
    await write({ 'services/ant-e2e/shared/text': 'changed', 'README.md': 'new' });
    const [ant, bee] = [await deploy('ant-e2e'), await deploy('bee-e2e')];
    expect(ant.release).to.equal(2);
    expect(bee).to.deep.include({ release: 1, unchanged: true, url: 'http://bee-e2e.localhost' });
    expect((await mothership.http('ant-e2e')).body).to.match(/^changed /);
    expect(await mothership.json<Build[]>(['builds', '-a', 'bee-e2e'])).to.have.length(1);
  });

  it('gets releases of both when what they share has changed', async () => {
    await write({ 'libs/shared/text': 'better' });
    expect((await deploy('bee-e2e')).release).to.equal(2);
    expect(await mothership.ok(['run', '-a', 'bee-e2e', '--', 'cat', '.repository/libs/shared/text'])).to.equal(
      'better',
    );
  });

  it("is built with an app's own config var before the cluster's setting, for which only admins are asked", async () => {
    await mothership.ok(['config:set', 'GOPROXY=https://own.example.com', '-a', 'bee-e2e']);
    await deploy('bee-e2e', '.', '--force');
    expect((await mothership.http('bee-e2e')).body).to.equal(
      'library https://own.example.com https://own.example.com alone',
    );
    expect((await mothership.json<BuildSettings>(['builds:settings'])).env).to.deep.equal({ GOPROXY: mirror });
    const { value } = await mothership.json<{ value: string }>(['tokens:create', 'member@example.com']);
    expect(
      (await mothership.mothership(['builds:settings', '--json'], { env: { MOTHERSHIP_TOKEN: value } })).stderr,
    ).to.contain('FORBIDDEN');
  });
});
