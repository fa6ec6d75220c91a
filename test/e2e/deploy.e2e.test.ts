import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import type { Build, Release } from '../../src/api/index.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';

describe('deploying examples/hello', function () {
  this.timeout(180_000);
  let mothership: Cluster;
  let folder: string;

  before(async () => {
    mothership = await cluster();
    folder = await mothership.copy('examples/hello', 'hello');
  });

  // Another suite begins with this name too.
  after(() => mothership.ok(['apps:destroy', '-a', 'hello', '--confirm', 'hello']));

  it('creates the app and ends with a URL that answers', async () => {
    const { code, stdout, stderr } = await mothership.mothership(['deploy'], { cwd: folder });
    expect(code, stderr).to.equal(0);
    const { url } = await mothership.info('hello');
    expect(stdout.trim().split('\n').at(-1)).to.equal(url);
    expect(url).to.equal('http://hello.localhost');
    const { status, body } = await mothership.http('hello');
    expect(status).to.equal(200);
    expect(body).to.contain('Hello from your own cloud.').and.to.contain('<dd>v1</dd>');
  });

  it('ties the folder to the app', async () => {
    expect(JSON.parse(await readFile(join(folder, '.mothership.json'), 'utf8'))).to.include({ app: 'hello' });
  });

  it('runs one web process of the image that was built, without root', async () => {
    const [task, ...more] = await mothership.ps('hello');
    expect(more).to.deep.equal([]);
    expect(task).to.include({ name: 'web.1', state: 'up', release: 1, command: 'node server.js' });
    const [container] = await mothership.engine.containers({ 'mothership.app': 'hello' });
    expect(await mothership.node.docker(['exec', container!.id, 'id', '-u'])).to.not.equal('0');
    const [build] = await mothership.json<Build[]>(['builds', '-a', 'hello']);
    expect(build).to.include({ status: 'succeeded', kind: 'buildpacks', release: 1 });
    expect(container!.image).to.equal(build!.image);
  });

  it('keeps the output of the build', async () => {
    const output = await mothership.ok(['builds:output', '-a', 'hello']);
    expect(output).to.match(/node/i);
  });

  it('serves a changed source after a second deploy', async () => {
    const file = join(folder, 'server.js');
    await writeFile(file, (await readFile(file, 'utf8')).replace('This app runs on Mothership.', 'Changed.'));
    const result = await mothership.json<{ release: number; url: string }>(['deploy'], { cwd: folder });
    expect(result).to.include({ release: 2, url: 'http://hello.localhost' });
    expect((await mothership.http('hello')).body)
      .to.contain('Changed.')
      .and.to.contain('<dd>v2</dd>');
  });

  it('goes back with rollback, which makes a new release of the old image', async () => {
    expect((await mothership.mothership(['rollback'], { cwd: folder })).code).to.equal(0);
    expect((await mothership.http('hello')).body).to.not.contain('Changed.');
    const [third, second, first] = await mothership.releases('hello');
    expect([third, second, first].map((release) => release!.version)).to.deep.equal([3, 2, 1]);
    expect(third).to.include({ current: true, status: 'succeeded', image: first!.image });
    expect(second).to.include({ current: false, status: 'succeeded' });
  });

  it('goes to the release that is named', async () => {
    await mothership.ok(['rollback', 'v2'], { cwd: folder });
    expect((await mothership.http('hello')).body)
      .to.contain('Changed.')
      .and.to.contain('<dd>v4</dd>');
  });

  it('describes a release, and the one that runs', async () => {
    const second = await mothership.json<Release>(['releases:info', 'v2'], { cwd: folder });
    expect(second).to.include({ version: 2, by: 'admin', current: false });
    expect(second.processTypes).to.deep.equal({ web: 'node server.js' });
    const current = await mothership.json<Release>(['releases:info'], { cwd: folder });
    expect(current).to.include({ version: 4, current: true, image: second.image });
  });

  it('keeps the previous release at 0 for an instant rollback, and nothing older', async () => {
    await eventually('only v3 at 0 and v4 at 1', 20, async () => {
      const services = await mothership.services('hello', { all: true });
      const found = services.map(({ name, replicas }) => `${name} ${replicas}`).sort();
      return isDeepStrictEqual(found, ['hello_web_v3 0', 'hello_web_v4 1']);
    });
  });

  it('refuses to go back to what never was', async () => {
    expect((await mothership.mothership(['rollback', 'v99'], { cwd: folder })).code).to.equal(1);
    expect(await mothership.current('hello')).to.equal(4);
  });
});
