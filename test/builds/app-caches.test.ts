import { expect } from 'chai';
import { cacheVolume } from '../../src/builds/build-names.ts';
import { CacheEviction } from '../../src/builds/cache/cache-eviction.ts';
import type { NodeEngines } from '../../src/nodes/engines/node-engines.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { archiveOf } from './archive-of.ts';
import { caller, rejection, World } from '../platform/world.ts';

const GiB = 1024 ** 3;

describe('build caches', () => {
  let world: World;
  let other: FakeEngine;

  const enginesOf = (local: FakeEngine): NodeEngines => ({
    local,
    on: async () => local,
    report: async () => ({
      disk: { total: 20 * GiB, free: 0 },
      load: [0, 0, 0],
      memory: { total: 1, available: 1 },
      uptime: 1,
    }),
    all: async () => (await local.nodes()).map((node) => ({ node, engine: node.hostname === 'two' ? other : local })),
  });
  const fill = async (engine: FakeEngine, app: string, bytes: number): Promise<void> => {
    await engine.createVolume({
      name: cacheVolume(app),
      labels: { 'mothership.kind': 'build-cache', 'mothership.app': app },
    });
    engine.volumeSizes.set(cacheVolume(app), bytes);
  };
  const caches = async (engine: FakeEngine): Promise<string[]> =>
    (await engine.volumes({ 'mothership.kind': 'build-cache' })).map(({ labels }) => labels['mothership.app']!);

  beforeEach(async () => {
    other = new FakeEngine();
    world = await World.create({ nodes: [{ hostname: 'one' }, { hostname: 'two' }] }, {}, undefined, enginesOf);
    for (const name of ['shop', 'blog']) {
      await world.platform.apps.create({ name }, caller);
      for (const engine of [world.engine, other]) await fill(engine, name, 3 * GiB);
    }
  });
  afterEach(() => world.close());

  it('are purged on every node, for one app', async () => {
    expect(await world.platform.builds.purgeCache('shop')).to.deep.equal({
      app: 'shop',
      nodes: ['one', 'two'],
      missed: [],
    });
    for (const engine of [world.engine, other]) expect(await caches(engine)).to.deep.equal(['blog']);
  });

  it('tell which nodes were missed', async () => {
    other.removeVolume = () => Promise.reject(new Error('gone'));
    expect(await world.platform.builds.purgeCache('shop')).to.deep.equal({
      app: 'shop',
      nodes: ['one'],
      missed: ['two'],
    });
  });

  it('are not purged under a build', async () => {
    for (const image of ['run', 'build']) world.engine.imageStore.add(image);
    world.engine.box.waits = (_app, killed) =>
      new Promise((resolve) => killed.addEventListener('abort', () => resolve()));
    const operation = await world.platform.builds.create(
      'shop',
      { archive: archiveOf({ Dockerfile: 'FROM scratch\n' }), options: {} },
      caller,
    );
    expect(await rejection(world.platform.builds.purgeCache('shop'))).to.equal('BUILD_CACHE_IN_USE');
    await world.platform.operations.cancel(operation.id);
    await world.follow(operation);
    expect((await world.platform.builds.purgeCache('shop')).nodes).to.deep.equal(['one', 'two']);
  });

  it('of apps that have not built for longest go when a node has too many', async () => {
    const { id } = await world.store.apps.get('shop');
    const build = {
      id: 'b1',
      app: id,
      by: 'ada',
      createdAt: '2026-01-01T00:00:00Z',
      ref: null,
      stack: 'debian-13',
      operation: 'b1',
    };
    await world.store.builds.create(build, { status: 'succeeded', kind: 'buildpacks', buildpacks: [] });
    const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const eviction = new CacheEviction({
      engines: enginesOf(world.engine),
      store: world.store,
      clock: world.clock,
      logger,
      buildQueue: { has: () => false } as never,
    });
    await world.platform.buildSettings.update({ cacheBytes: 6 * GiB }, caller);
    await eviction.once();
    for (const engine of [world.engine, other]) expect(await caches(engine)).to.have.members(['shop', 'blog']);
    await world.platform.buildSettings.update({ cacheBytes: null }, caller);
    await eviction.once();
    for (const engine of [world.engine, other]) expect(await caches(engine)).to.deep.equal(['shop']);
  });
});
