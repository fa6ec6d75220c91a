import { expect } from 'chai';
import type { App, Domain } from '../../src/api/index.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';

describe('apps, domains and maintenance', function () {
  this.timeout(60_000);
  let mothership: Cluster;

  before(async function () {
    this.timeout(180_000);
    mothership = await cluster();
    await mothership.tinyApp('apps-e2e');
  });

  it('are listed and described', async () => {
    expect((await mothership.json<App[]>(['apps'])).map(({ name }) => name)).to.include('apps-e2e');
    const { formation, ...app } = await mothership.info('apps-e2e');
    expect(app).to.deep.include({
      name: 'apps-e2e',
      url: 'http://apps-e2e.localhost',
      maintenance: false,
      domains: ['apps-e2e.localhost'],
      operation: null,
    });
    expect(formation).to.have.length(1);
    expect(formation[0]).to.include({ type: 'web', quantity: 1 });
  });

  it("show 404 for a host that is nobody's", async () => {
    expect((await mothership.http('nobody.example.com')).status).to.equal(404);
  });

  it('answer to a domain of their own, and to a wildcard', async () => {
    for (const domain of ['shop.example.com', '*.pages.example.com'])
      await mothership.ok(['domains:add', domain, '-a', 'apps-e2e']);
    for (const host of ['shop.example.com', 'any.pages.example.com']) {
      await eventually(host, 3, async () => (await mothership.http(host)).body === 'apps-e2e\n');
    }
    const domains = await mothership.json<Domain[]>(['domains', '-a', 'apps-e2e']);
    expect(domains.map(({ domain }) => domain)).to.have.members([
      'apps-e2e.localhost',
      'shop.example.com',
      '*.pages.example.com',
    ]);
  });

  it('cannot have a domain twice', async () => {
    await mothership.ok(['apps:create', 'apps-second', '--no-link']);
    const { code, stderr } = await mothership.mothership([
      'domains:add',
      'shop.example.com',
      '-a',
      'apps-second',
      '--json',
    ]);
    expect(code).to.equal(1);
    expect(JSON.parse(stderr.trim().split('\n').at(-1)!)).to.include({ code: 'DOMAIN_TAKEN' });
  });

  it('lose a domain, and all of them', async () => {
    await mothership.ok(['domains:remove', 'shop.example.com', '-a', 'apps-e2e']);
    await eventually('404', 3, async () => (await mothership.http('shop.example.com')).status === 404);
    await mothership.ok(['domains:clear', '-a', 'apps-e2e', '--confirm', 'apps-e2e']);
    await eventually('404', 3, async () => (await mothership.http('any.pages.example.com')).status === 404);
    expect((await mothership.http('apps-e2e')).status).to.equal(200);
  });

  it('are shut for maintenance and open again', async () => {
    await mothership.ok(['maintenance:on', '-a', 'apps-e2e']);
    await eventually('503', 3, async () => (await mothership.http('apps-e2e')).status === 503);
    expect((await mothership.info('apps-e2e')).maintenance).to.equal(true);
    await mothership.ok(['maintenance:off', '-a', 'apps-e2e']);
    await eventually('200', 3, async () => (await mothership.http('apps-e2e')).status === 200);
  });

  it('answer under the new name after apps:rename, and not under the old one', async () => {
    await mothership.ok(['apps:rename', 'apps-renamed', '-a', 'apps-e2e']);
    await eventually('the new name', 3, async () => (await mothership.http('apps-renamed')).body === 'apps-e2e\n');
    await eventually('404', 3, async () => (await mothership.http('apps-e2e')).status === 404);
    await mothership.ok(['config:set', 'TEXT=renamed', '-a', 'apps-renamed']);
    expect((await mothership.http('apps-renamed')).body).to.equal('renamed\n');
  });

  it('are destroyed with --confirm only', async () => {
    const refused = await mothership.mothership(['apps:destroy', '-a', 'apps-renamed', '--confirm', 'other']);
    expect(refused.code).to.equal(2);
    expect((await mothership.http('apps-renamed')).status).to.equal(200);
  });

  it('leave nothing behind when they are destroyed', async () => {
    const { engine } = mothership;
    const { id } = await mothership.info('apps-renamed');
    await mothership.ok(['apps:destroy', '-a', 'apps-renamed', '--confirm', 'apps-renamed']);
    const filter = { 'mothership.app': id };
    await eventually('nothing left', 60, async () => {
      const kinds = {
        services: engine.services(filter),
        networks: engine.networks(filter),
        volumes: engine.volumes(filter),
        containers: engine.containers(filter),
        images: engine.images(filter),
      };
      const found = await Promise.all(
        Object.entries(kinds).map(async ([kind, list]) =>
          (await list).map((each) => `${kind} ${JSON.stringify(each)}`),
        ),
      );
      const configs = (await engine.configs({}))
        .filter(({ name, data }) => `${name} ${data.toString()}`.includes(id))
        .map(({ name }) => `config ${name}`);
      return [...found.flat(), ...configs].length === 0;
    });
    expect((await mothership.http('apps-renamed')).status).to.equal(404);
    expect((await mothership.mothership(['apps:info', '-a', 'apps-renamed'])).code).to.equal(1);
    // An image that came from elsewhere is not the app's to remove.
    expect(await engine.image('tiny/apps-e2e:serve')).to.not.equal(undefined);
  });
});
