import { expect } from 'chai';
import { caller, World } from '../platform/world.ts';

describe('a release of an image that starts as root', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
    await world.platform.apps.create({ name: 'shop' }, caller);
  });
  afterEach(() => world.close());

  const warnings = async (image: string): Promise<string[]> => {
    const { events, ending } = await world.deploy('shop', image);
    expect(ending.type).to.equal('done');
    return events.flatMap((event) => (event.type === 'notice' && event.level === 'warning' ? [event.message] : []));
  };

  it('says that its processes cannot switch users only where an engine is too old', async () => {
    expect((await warnings('hello:1')).join()).not.to.include('switch');
    const [node] = await world.engine.nodes();
    world.engine.changeNode(node!.id, { engineVersion: '20.10.24+dfsg1' });
    expect((await warnings('hello:2')).join()).to.match(/starts as root, and its processes cannot switch/);
  });
});
