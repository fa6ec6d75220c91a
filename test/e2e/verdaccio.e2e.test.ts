import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { cluster } from './cluster-fixture.ts';
import type { Cluster } from './cluster.ts';

/** A npm client resolves names by DNS, where nobody knows the app's: this stands for the DNS entry. */
function nameServer(node: string, host: string): Promise<Server> {
  const server = createServer((incoming, answer) => {
    const { method, url: path, headers } = incoming;
    const onwards = request({ host: node, method, path, headers: { ...headers, host } }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    onwards.on('error', () => answer.destroy());
    incoming.pipe(onwards);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe('examples/verdaccio: a registry that the real npm client publishes to', function () {
  this.timeout(300_000);
  let mothership: Cluster;
  let server: Server;
  let registry: string;
  let home: string;

  before(async () => {
    mothership = await cluster();
    const folder = await mothership.copy('examples/verdaccio', 'packages');
    const { code, stderr } = await mothership.mothership(['deploy', '--app', 'packages'], { cwd: folder });
    expect(code, stderr.slice(-3000)).to.equal(0);
    server = await nameServer(mothership.node.ip, 'packages.localhost');
    registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    home = await mothership.folder('npm-home');
    await mkdir(home, { recursive: true });
  });

  after(async () => {
    server?.close();
    await mothership.mothership(['apps:destroy', '-a', 'packages', '--confirm', 'packages']);
  });

  const npm = (argv: readonly string[], cwd: string) =>
    execa('npm', [...argv, '--registry', registry, '--userconfig', join(home, '.npmrc'), '--cache', join(home, 'cache')], { cwd, reject: false, env: { npm_config_registry: registry } });

  it('answers on its page', async () => {
    expect((await mothership.http('packages')).status).to.equal(200);
  });

  it('takes a package with npm publish and gives it back with npm install', async () => {
    const user = { name: 'ada', password: 'correct-horse', _id: 'org.couchdb.user:ada', type: 'user', roles: [] };
    const added = await mothership.http('packages', '/-/user/org.couchdb.user:ada', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(user) });
    const { token } = JSON.parse(added.body) as { token: string };
    await writeFile(join(home, '.npmrc'), `${registry.replace('http:', '')}:_authToken=${token}\n`);

    const source = join(home, 'source');
    await mkdir(source);
    await writeFile(join(source, 'package.json'), JSON.stringify({ name: 'left-padding', version: '1.2.3', main: 'index.js' }));
    await writeFile(join(source, 'index.js'), 'module.exports = (text, width) => text.padStart(width);\n');
    const published = await npm(['publish'], source);
    expect(published.exitCode, published.stderr).to.equal(0);

    const user2 = join(home, 'user');
    await mkdir(user2);
    await writeFile(join(user2, 'package.json'), JSON.stringify({ name: 'user', version: '1.0.0', private: true }));
    const installed = await npm(['install', 'left-padding@1.2.3'], user2);
    expect(installed.exitCode, installed.stderr).to.equal(0);
    expect(await readFile(join(user2, 'node_modules/left-padding/index.js'), 'utf8')).to.contain('padStart');
  });
});
