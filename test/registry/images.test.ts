import { expect } from 'chai';
import { createHash } from 'node:crypto';
import type { RegistryAuth } from '../../src/engine/index.ts';
import { Secret } from '../../src/events/index.ts';
import { Images } from '../../src/registry/images.ts';
import type { NeededImages } from '../../src/registry/image-store.ts';
import { tagOf } from '../../src/registry/references.ts';
import { refusal } from '../engine/subject.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { FakeRegistry, registriesAs } from '../fakes/fake-registry.ts';

const PREFIX = 'registry.mothership.internal:5000';
const auth: RegistryAuth = { user: 'mothership', password: new Secret('hush') };
const idOf = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const needed = (...ids: string[]): NeededImages => ({
  images: new Map([['apps/shop', new Set(ids)]]),
  digests: new Set(),
});
const nothing: NeededImages = { images: new Map(), digests: new Set() };

describe('images in the registries of a cluster', () => {
  let registries: FakeRegistry[];
  let running: FakeRegistry[];
  let engine: FakeEngine;
  let images: Images;
  let warnings: string[];

  const node = (): FakeEngine => {
    const made = new FakeEngine();
    made.imageStore.remote = registriesAs(PREFIX, registries, auth);
    return made;
  };
  const tags = (repository: string): Promise<string[][]> =>
    Promise.all(registries.map((registry) => registry.tags(repository)));

  beforeEach(() => {
    registries = ['10.0.0.1:5000', '10.0.0.2:5000', '10.0.0.3:5000'].map((where) => new FakeRegistry(where));
    running = [...registries];
    engine = node();
    warnings = [];
    images = new Images({
      engine,
      prefix: PREFIX,
      auth,
      collects: true,
      registries: () => Promise.resolve(running),
      clock: { now: () => 0, sleep: () => Promise.resolve() },
      warn: (_facts, message) => warnings.push(message),
    });
  });

  it('are pushed once, copied to every registry and named by their digest', async () => {
    const id = engine.imageStore.add('shop:1', { id: idOf('shop:1') });
    const first = await images.publish('apps/shop', id);
    const digest = await registries[2]!.digestOf('apps/shop', tagOf(id));
    expect(first).to.deep.include({ reference: `${PREFIX}/apps/shop@${digest}`, auth, sent: '1 of 1 layers, 0.0 MB' });
    expect(await tags('apps/shop')).to.deep.equal([[tagOf(id)], [tagOf(id)], [tagOf(id)]]);
    expect(await images.publish('apps/shop', id)).to.deep.equal({ reference: first.reference, auth });
  });

  it('can be pulled by a node that never saw them, after the node that built them is gone', async () => {
    const id = engine.imageStore.add('shop:1', { id: idOf('shop:1'), exposedPorts: [3000] });
    await images.publish('apps/shop', id);
    registries[0]!.down = true;
    const other = node();
    await images.ensure('apps/shop', id, { engine: other });
    expect((await other.image(id))?.exposedPorts).to.deep.equal([3000]);
  });

  it('are published without the engine having them, once a registry has', async () => {
    const id = engine.imageStore.add('shop:1', { id: idOf('shop:1') });
    const { reference } = await images.publish('apps/shop', id);
    for (const tag of (await engine.image(id))!.tags) await engine.removeImage(tag);
    expect((await images.publish('apps/shop', id)).reference).to.equal(reference);
  });

  it('are published while a registry is down, which gets them when it is back', async () => {
    const id = engine.imageStore.add('shop:1', { id: idOf('shop:1') });
    registries[1]!.down = true;
    await images.publish('apps/shop', id);
    registries[1]!.down = false;
    expect(await tags('apps/shop')).to.deep.equal([[tagOf(id)], [], [tagOf(id)]]);
    expect(await images.sync(needed(id))).to.deep.equal({ copied: 1, missing: [] });
    expect(await tags('apps/shop')).to.deep.equal([[tagOf(id)], [tagOf(id)], [tagOf(id)]]);
    expect(await images.sync(needed(id))).to.deep.equal({ copied: 0, missing: [] });
  });

  it('are said to be whole where every one of them can be pulled', async () => {
    const id = engine.imageStore.add('shop:1', { id: idOf('shop:1') });
    expect(await images.whole(), 'before anybody looked').to.deep.equal([]);
    registries[1]!.down = true;
    await images.publish('apps/shop', id);
    await images.sync(needed(id));
    expect(await images.whole()).to.deep.equal([registries[0]!.node, registries[2]!.node]);
    registries[1]!.down = false;
    await images.sync(needed(id, 'sha256:abc'));
    expect(await images.whole(), 'what nobody has is missed nowhere').to.deep.equal(registries.map(({ node }) => node));
    running = registries.slice(1);
    await images.whole();
    running = registries;
    expect(await images.whole(), 'one that was away').to.deep.equal(registries.slice(1).map(({ node }) => node));
  });

  it('are copied in the order in which nodes need them', async () => {
    const order = ['platform/stack-build', 'apps/shop', 'platform/router'];
    running = registries.slice(0, 1);
    for (const repository of order)
      await images.publish(repository, engine.imageStore.add(repository, { id: idOf(repository) }));
    running = registries;
    const copied: string[] = [];
    const put = registries[2]!.putManifest;
    registries[2]!.putManifest = (repository, ...rest) => {
      copied.push(repository);
      return put(repository, ...rest);
    };
    await images.sync({
      images: new Map(order.map((repository) => [repository, new Set([idOf(repository)])])),
      digests: new Set(),
    });
    expect(copied).to.deep.equal(['platform/router', 'apps/shop', 'platform/stack-build']);
  });

  it('are told to be missing when no registry has them', async () => {
    expect(await images.sync(needed('sha256:abc'))).to.deep.equal({ copied: 0, missing: ['apps/shop:abc'] });
  });

  it('are copied first when the registry that a node asks lacks them', async () => {
    const id = engine.imageStore.add('shop:1', { id: idOf('shop:1') });
    running = registries.slice(1);
    registries[0]!.down = true;
    await images.publish('apps/shop', id);
    registries[0]!.down = false;
    running = registries;
    const other = node();
    await images.ensure('apps/shop', id, { engine: other });
    expect((await other.image(id))?.id).to.equal(id);
  });

  it('are gone when neither engine nor registries have them', async () => {
    await refusal(images.publish('apps/shop', `sha256:${'a'.repeat(64)}`), 'IMAGE_GONE');
    await refusal(images.ensure('apps/shop', `sha256:${'a'.repeat(64)}`), 'IMAGE_GONE');
    expect(await images.has('apps/shop', `sha256:${'a'.repeat(64)}`)).to.equal(false);
  });

  it('cannot be published when no registry answers, or none runs', async () => {
    const id = engine.imageStore.add('shop:1', { id: idOf('shop:1') });
    for (const registry of registries) registry.down = true;
    await refusal(images.publish('apps/shop', id), 'REGISTRY_UNREACHABLE');
    running = [];
    await refusal(images.publish('apps/shop', id), 'REGISTRY_UNREACHABLE');
  });

  describe('that nothing needs', () => {
    it('are deleted with their layers, and those a release may go back to stay', async () => {
      const [old, live] = [
        engine.imageStore.add('shop:1', { id: idOf('shop:1') }),
        engine.imageStore.add('shop:2', { id: idOf('shop:2') }),
      ];
      for (const id of [old, live]) await images.publish('apps/shop', id);
      expect(await images.collectGarbage(() => Promise.resolve(needed(live)))).to.deep.equal({
        manifests: 3,
        freed: registries.map(({ where }) => where),
      });
      expect(await tags('apps/shop')).to.deep.equal([[tagOf(live)], [tagOf(live)], [tagOf(live)]]);
      expect([...registries[0]!.blobs.keys()]).to.have.members([live, ...(await engine.image(live))!.layers]);
      expect(await images.collectGarbage(() => Promise.resolve(needed(live)))).to.deep.equal({
        manifests: 0,
        freed: [],
      });
    });

    it('of the platform go when they were not needed twice: an upgrade pushes before it is recorded', async () => {
      const id = engine.imageStore.add('router:2', { id: idOf('router:2') });
      await images.publish('platform/router', id);
      await images.collectGarbage(() => Promise.resolve(nothing));
      expect(await registries[0]!.tags('platform/router')).to.deep.equal([tagOf(id)]);
      await images.collectGarbage(() => Promise.resolve(nothing));
      expect(await registries[0]!.tags('platform/router')).to.deep.equal([]);
    });

    it('of the platform stay while a service or the record names their digest, and go to every registry', async () => {
      const id = engine.imageStore.add('agent:1', { id: idOf('agent:1') });
      running = registries.slice(0, 2);
      const { reference } = await images.publish('platform/controller', id);
      running = registries;
      expect(await images.sync(nothing)).to.deep.equal({ copied: 1, missing: [] });
      const keeps = { images: new Map(), digests: new Set([reference.split('@')[1]!]) };
      for (let i = 0; i < 3; i += 1) await images.collectGarbage(() => Promise.resolve(keeps));
      expect(await tags('platform/controller')).to.deep.equal([[tagOf(id)], [tagOf(id)], [tagOf(id)]]);
    });

    it('stay while something is pushed', async () => {
      const id = engine.imageStore.add('shop:1', { id: idOf('shop:1') });
      let done: () => void = () => undefined;
      const slow = new Images({
        engine,
        prefix: PREFIX,
        auth,
        collects: true,
        clock: { now: () => 0, sleep: () => Promise.resolve() },
        warn: () => undefined,
        registries: () => new Promise((resolve) => (done = () => resolve(registries))),
      });
      const publishing = slow.publish('apps/shop', id).catch(() => undefined);
      expect(await slow.collectGarbage(() => Promise.resolve(nothing))).to.equal(undefined);
      for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(() => (done(), resolve(undefined))));
      await publishing;
    });

    it('are forgotten one by one or with their app, by registries that are up', async () => {
      const [first, second] = [
        engine.imageStore.add('shop:1', { id: idOf('shop:1') }),
        engine.imageStore.add('shop:2', { id: idOf('shop:2') }),
      ];
      for (const id of [first, second]) await images.publish('apps/shop', id);
      await images.forget('apps/shop', first);
      expect(await tags('apps/shop')).to.deep.equal([[tagOf(second)], [tagOf(second)], [tagOf(second)]]);
      registries[2]!.down = true;
      await images.forgetAll('apps/shop');
      expect(warnings).to.deep.equal(['failed to delete an image']);
      registries[2]!.down = false;
      expect(await tags('apps/shop')).to.deep.equal([[], [], [tagOf(second)]]);
    });

    it('stay in a registry of somebody else', async () => {
      const external = new Images({
        engine,
        prefix: PREFIX,
        auth,
        collects: false,
        registries: () => Promise.resolve(registries.slice(0, 1)),
        clock: { now: () => 0, sleep: () => Promise.resolve() },
        warn: () => undefined,
      });
      const id = engine.imageStore.add('shop:1', { id: idOf('shop:1') });
      await external.publish('apps/shop', id);
      await external.forget('apps/shop', id);
      expect(await external.collectGarbage(() => Promise.resolve(nothing))).to.equal(undefined);
      expect(await registries[0]!.tags('apps/shop')).to.deep.equal([tagOf(id)]);
    });
  });
});
