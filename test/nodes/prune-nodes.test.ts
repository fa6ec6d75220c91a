import { expect } from 'chai';
import type { NodeEngines } from '../../src/nodes/engines/node-engines.ts';
import type { NodePorts } from '../../src/nodes/ports.ts';
import { NodePruning } from '../../src/nodes/care/prune-nodes.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { caller, World } from '../platform/world.ts';

describe('pruning of nodes', () => {
  let world: World;
  let other: FakeEngine;
  let engines: NodeEngines;

  beforeEach(async () => {
    world = await World.create();
    other = new FakeEngine();
    const [node] = await other.nodes();
    engines = {
      local: world.engine,
      on: async () => other,
      report: () => expect.fail('asked'),
      all: async () => [
        { node: node!, engine: world.engine },
        { node: node!, engine: other },
      ],
    };
    await world.platform.apps.create({ name: 'shop' }, caller);
    await world.deploy('shop', 'hello:1');
  });
  afterEach(() => world.close());

  const prune = (): Promise<void> =>
    new NodePruning({
      engines,
      clock: world.clock,
      store: world.store,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    } as unknown as NodePorts).once();
  const old = '2026-01-01T00:00:00.000Z';
  const labels = { 'mothership.kind': 'app-image', 'mothership.app': 'shop' };
  const has = async (engine: FakeEngine): Promise<string[]> =>
    (await engine.images({})).flatMap(({ tags }) => tags).map((tag) => tag.split('/').at(-1)!);

  it("removes what no release names, and keeps what one does, what is young and what is somebody else's", async () => {
    const [release] = await world.store.releases.list((await world.store.apps.get('shop')).id);
    const live = release!.record.image!;
    for (const engine of [world.engine, other]) {
      engine.imageStore.add('mothership-app/shop:live', {
        id: engine === other ? live : 'sha256:other',
        createdAt: old,
        labels,
      });
      engine.imageStore.add('mothership-app/shop:left', { id: 'sha256:left', createdAt: old, labels });
      engine.imageStore.add('mothership-app/shop:young', { id: 'sha256:young', labels });
      engine.imageStore.add('somebody:1', { id: 'sha256:somebody', createdAt: old });
      engine.imageStore.add('mothership-layer/shop:layer', {
        id: 'sha256:layer',
        createdAt: old,
        labels: { 'mothership.kind': 'app-layer' },
      });
    }
    await prune();
    expect(await has(other)).to.have.members(['shop:live', 'shop:young', 'somebody:1', 'shop:layer']);
    expect(await has(world.engine))
      .to.include.members(['shop:young', 'somebody:1', 'shop:layer', 'hello:1'])
      .and.not.include('shop:left');
  });

  it("removes a destroyed app's name of an image that another app has too", async () => {
    const [release] = await world.store.releases.list('shop');
    other.imageStore.add('mothership-app/shop:1', { id: release!.record.image!, createdAt: old, labels });
    other.imageStore.tag(release!.record.image!, 'mothership-app/gone:1');
    await prune();
    expect(await has(other)).to.deep.equal(['shop:1']);
  });

  it('goes on when one node does not answer', async () => {
    other.imageStore.add('mothership-app/shop:left', { createdAt: old, labels });
    world.engine.images = () => Promise.reject(new Error('gone'));
    await prune();
    expect(await has(other)).to.deep.equal([]);
  });
});
