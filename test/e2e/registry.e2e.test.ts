import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';

/** Verdaccio, a registry server from npm, and the real npm client. */
describe('a registry of packages', function () {
  this.timeout(240_000);
  const host = 'npm.example.test';
  let mothership: Cluster;
  let folder: string;

  /** The name leads nowhere in DNS: npm takes the router for an HTTP proxy, which sends it the same requests. */
  const npm = (cwd: string, ...argv: string[]) =>
    execa('npm', argv, {
      cwd,
      reject: false,
      env: {
        npm_config_userconfig: join(folder, 'npmrc'),
        npm_config_cache: join(folder, 'cache'),
        npm_config_registry: `http://${host}/`,
        npm_config_proxy: `http://${mothership.node.ip}`,
        npm_config_noproxy: '',
        NO_PROXY: '',
        no_proxy: '',
        npm_config_audit: 'false',
        npm_config_fund: 'false',
        npm_config_update_notifier: 'false',
      },
    });

  before(async () => {
    mothership = await cluster();
    folder = await mothership.copy('examples/verdaccio', 'verdaccio-e2e');
    await mothership.ok(['deploy'], { cwd: folder });
    await mothership.ok(['domains:add', host], { cwd: folder });
    await eventually('the registry', 5, async () => (await mothership.http(host, '/-/ping')).status === 200);
  });

  it('makes a user', async () => {
    const body = JSON.stringify({ name: 'ann', password: 'correct horse battery' });
    const answer = await mothership.http(host, '/-/user/org.couchdb.user:ann', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status, answer.body).to.equal(201);
    const { token } = JSON.parse(answer.body) as { token: string };
    await writeFile(join(folder, 'npmrc'), `//${host}/:_authToken=${token}\n`);
  });

  it('takes a package from npm publish', async () => {
    const source = join(folder, 'published');
    await mkdir(source);
    await writeFile(
      join(source, 'package.json'),
      JSON.stringify({ name: 'e2e-greeting', version: '1.2.3', main: 'index.js' }),
    );
    await writeFile(join(source, 'index.js'), 'module.exports = "hello from a package";\n');
    await writeFile(join(source, 'large.bin'), Buffer.alloc(3 * 2 ** 20, 7));
    const { exitCode, stderr } = await npm(source, 'publish');
    expect(exitCode, stderr).to.equal(0);
  });

  it('gives it back to npm install', async () => {
    const user = join(folder, 'user');
    await mkdir(user);
    await writeFile(join(user, 'package.json'), '{}');
    const { exitCode, stderr } = await npm(user, 'install', 'e2e-greeting');
    expect(exitCode, stderr).to.equal(0);
    const { stdout } = await execa(process.execPath, ['-p', 'require("e2e-greeting")'], { cwd: user });
    expect(stdout).to.equal('hello from a package');
  });

  it('takes no package from somebody unknown', async () => {
    await writeFile(join(folder, 'npmrc'), '');
    const { exitCode } = await npm(join(folder, 'published'), 'publish');
    expect(exitCode).to.not.equal(0);
  });
});
