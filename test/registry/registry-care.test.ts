import { expect } from 'chai';
import { createHash } from 'node:crypto';
import type { RegistryAuth } from '../../src/engine/index.ts';
import { Secret } from '../../src/events/index.ts';
import { tagOf } from '../../src/registry/references.ts';
import { FakeRegistry, registriesAs } from '../fakes/fake-registry.ts';
import { caller, outcome, World } from '../platform/world.ts';

const PREFIX = 'registry.mothership.internal:5000';
const auth: RegistryAuth = { user: 'mothership', password: new Secret('hush') };
const idOf = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const many = { nodes: 'many', registry: { kind: 'cluster', prefix: PREFIX, user: 'mothership' } } as const;

describe('a platform with registries', function () {
  this.timeout(30_000);
  let registries: FakeRegistry[];
  let world: World;

  const start = async (settings: object = many): Promise<void> => {
    world = await World.create({}, settings, {
      password: auth.password,
      registries: () => Promise.resolve(registries.filter(({ down }) => !down)),
    });
    world.engine.imageStore.remote = registriesAs(PREFIX, registries, auth);
    for (const name of ['hello:1', 'hello:2'])
      world.engine.imageStore.publish(name, { id: idOf(name), exposedPorts: [3000] });
    await world.platform.apps.create({ name: 'shop' }, caller);
  };
  /** As when the controller starts on another manager. */
  const forgetImages = async (): Promise<void> => {
    for (const { tags } of await world.engine.images({})) for (const tag of tags) await world.engine.removeImage(tag);
  };
  const services = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await world.engine.services({ 'mothership.kind': 'process' })).map(({ name, image }) => [name, image]),
    );
  const reference = async (name: string): Promise<string> =>
    `${PREFIX}/apps/shop@${await registries[0]!.digestOf('apps/shop', tagOf(idOf(name)))}`;

  beforeEach(() => {
    registries = ['10.0.0.1:5000', '10.0.0.2:5000'].map((where) => new FakeRegistry(where));
  });
  afterEach(() => world.close());

  it('pushes before it starts anything, and starts by digest', async () => {
    await start();
    const { events, ending } = await world.deploy('shop', 'hello:1');
    expect(outcome(ending)).to.equal('done');
    const phases = events.flatMap((event) =>
      event.type === 'phase' && event.state === 'done' ? [[event.phase, event.detail]] : [],
    );
    expect(phases.slice(0, 2)).to.deep.equal([
      ['push', '1 of 1 layers, 0.0 MB'],
      ['start', undefined],
    ]);
    expect(await services()).to.deep.equal({ shop_web_v1: await reference('hello:1') });
    for (const registry of registries) expect(await registry.tags('apps/shop')).to.deep.equal([tagOf(idOf('hello:1'))]);
  });

  it('changes nothing when no registry answers', async () => {
    await start();
    await world.deploy('shop', 'hello:1');
    registries.forEach((registry) => (registry.down = true));
    expect(outcome((await world.deploy('shop', 'hello:2')).ending)).to.equal('REGISTRY_UNREACHABLE');
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1': 1 });
  });

  it('rolls back, changes config and runs one-offs on a node that has none of the images', async () => {
    await start();
    await world.deploy('shop', 'hello:1');
    await world.deploy('shop', 'hello:2');
    await forgetImages();
    const { ending } = await world.follow(await world.platform.releases.rollback('shop', {}, caller));
    expect(outcome(ending)).to.equal('done');
    await world.follow(await world.platform.config.update('shop', { set: { A: '1' } }, caller));
    expect(await services()).to.include({ shop_web_v4: await reference('hello:1') });
    const [web] = await world.engine.services({ 'mothership.generation': 'shop/4' });
    expect(web!.labels['mothership.port']).to.equal('3000');
    expect((await world.engine.images({})).length).to.equal(0);
    await world.platform.run.create('shop', { command: ['true'], detached: true }, caller);
    const [detached] = await world.engine.services({ 'mothership.kind': 'detached' });
    expect(detached!.image).to.equal(await reference('hello:1'));
    expect((await world.engine.images({})).length).to.equal(0);
    await world.platform.run.create('shop', { command: ['true'] }, caller);
    expect((await world.engine.image(idOf('hello:1')))?.exposedPorts).to.deep.equal([3000]);
  });

  it("says so when a release's image is nowhere any more", async () => {
    await start();
    await world.deploy('shop', 'hello:1');
    await world.deploy('shop', 'hello:2');
    await forgetImages();
    for (const registry of registries) {
      for (const tag of await registry.tags('apps/shop'))
        await registry.deleteManifest('apps/shop', (await registry.digestOf('apps/shop', tag))!);
    }
    expect(outcome((await world.follow(await world.platform.releases.rollback('shop', {}, caller))).ending)).to.equal(
      'IMAGE_UNAVAILABLE',
    );
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/2': 1 });
  });

  it('takes over apps that ran before there was a registry, one start each, and only once', async () => {
    await start({});
    await world.deploy('shop', 'hello:1');
    await world.deploy('shop', 'hello:2');
    expect(await services()).to.deep.equal({ shop_web_v1: idOf('hello:1'), shop_web_v2: idOf('hello:2') });
    await world.store.cluster.put({ ...(await world.store.cluster.get())!, ...many });
    await world.boot();
    await world.until(() => world.served('shop.my.paas')['shop/2.2'], 10_000);
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/2.2': 1 });
    expect(await services()).to.include({ 'shop_web_v2-2': await reference('hello:2') });
    expect((await registries[1]!.tags('apps/shop')).sort()).to.deep.equal(
      [tagOf(idOf('hello:1')), tagOf(idOf('hello:2'))].sort(),
    );
  });

  it('empties the registries of an app that is destroyed', async () => {
    await start();
    await world.deploy('shop', 'hello:1');
    await world.platform.apps.destroy('shop', 'shop', caller);
    await world.until(async () => (await registries[1]!.tags('apps/shop')).length === 0, 10_000);
    for (const registry of registries) expect(await registry.tags('apps/shop')).to.deep.equal([]);
  });
});
