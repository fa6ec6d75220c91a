import { expect } from 'chai';
import { caller, World } from '../platform/world.ts';

/** A node's state event is to be in the routes within so long. */
const SOON_MS = 2000;

describe('routes of a cluster that loses nodes', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.create({
      nodes: [{}, { labels: { 'mothership.zone': 'a' } }, { labels: { 'mothership.zone': 'b' } }],
    });
    world.engine.changeNode((await world.engine.nodes())[0]!.id, { availability: 'drain' });
    await world.platform.apps.create({ name: 'shop' }, caller);
    await world.deploy('shop', 'hello:1');
    await world.follow(
      await world.platform.formation.update('shop', { updates: [{ type: 'web', quantity: 4 }] }, caller),
    );
  });
  afterEach(() => world.close());

  const peers = async (): Promise<string[]> => {
    const routed = world
      .table!.routes.find(({ host }) => host === 'shop.my.paas')!
      .releases.flatMap((release) => release.peers.map(({ host }) => host));
    const tasks = await world.engine.tasks({ labels: { 'mothership.app': 'shop' } });
    return tasks
      .filter((task) => Object.values(task.addresses).some((address) => routed.includes(address)))
      .map((task) => task.nodeId);
  };

  it('have no task of a node that is down, though Swarm still calls it running and wants it to', async () => {
    const lost = (await world.engine.nodes())[2]!.id;
    expect((await peers()).filter((id) => id === lost)).to.have.length(2);
    world.engine.orchestrating = false;
    world.engine.changeNode(lost, { state: 'down' });
    await world.until(async () => !(await peers()).includes(lost), SOON_MS);
    const calledRunning = (await world.engine.tasks({ desired: 'running' })).filter(
      (task) => task.nodeId === lost && task.state === 'running',
    );
    expect(calledRunning).to.have.length(2);
    expect(await peers()).to.have.length(2);
  });

  it('are whole again as soon as Swarm has made others, and keep those when the node is back', async () => {
    const lost = (await world.engine.nodes())[2]!.id;
    world.engine.changeNode(lost, { state: 'down' });
    // Swarm's time to start others comes on top, which the fake takes until it is looked at.
    await world.until(async () => (await peers()).length === 4 && !(await peers()).includes(lost), 10_000);
    world.engine.changeNode(lost, { state: 'ready' });
    await world.clock.advance(60_000);
    expect((await peers()).filter((id) => id !== lost)).to.have.length(4);
  });

  it('keep tasks of a node whose state is not known for a moment, as after a change of leader', async () => {
    const quiet = (await world.engine.nodes())[2]!.id;
    world.engine.changeNode(quiet, { state: 'unknown' });
    await world.clock.advance(60_000);
    expect((await peers()).filter((id) => id === quiet)).to.have.length(2);
  });
});
