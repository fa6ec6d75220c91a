import { expect } from 'chai';
import type { Operation } from '../../src/api/index.ts';
import type { NodeInfo } from '../../src/engine/index.ts';
import { caller, outcome, rejection, World } from '../platform/world.ts';

const MB = 2 ** 20;
const zone = (name: string): Partial<NodeInfo> => ({ labels: { 'mothership.zone': name } });

describe('nodes of a platform on a fake engine', function () {
  this.timeout(40_000);
  let world: World;
  afterEach(() => world.close());

  const start = async (nodes: Partial<NodeInfo>[]): Promise<void> => {
    world = await World.create({ nodes });
    await world.platform.apps.create({ name: 'shop' }, caller);
  };
  const scale = (quantity: number) =>
    world.platform.formation
      .update('shop', { updates: [{ type: 'web', quantity }] }, caller)
      .then((operation) => world.follow(operation));
  const nodeOf = async (hostname: string): Promise<NodeInfo> =>
    (await world.engine.nodes()).find((node) => node.hostname === hostname)!;
  const places = async (): Promise<string[]> => (await world.platform.ps.list('shop')).map((task) => task.node).sort();
  const end = async (operation: Promise<Operation>): Promise<string> =>
    outcome((await world.follow(await operation)).ending);
  const notices = async (operation: Promise<Operation>): Promise<string[]> =>
    (await world.follow(await operation)).events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));

  describe('that are looked at', () => {
    beforeEach(async () => {
      await start([zone('a'), { ...zone('b'), memoryBytes: 1000 * MB }]);
      await world.deploy('shop', 'hello:1');
      await scale(2);
    });

    it('tell what their tasks are promised and may take', async () => {
      const [first, second] = await world.platform.nodes.list();
      expect(first).to.include({
        hostname: 'node-1',
        role: 'manager',
        leader: true,
        reachable: true,
        zone: 'a',
        tasks: 1,
      });
      expect(second).to.deep.include({
        hostname: 'node-2',
        reachable: null,
        zone: 'b',
        memory: 1000 * MB,
        reserved: { memory: 64 * MB, cpus: 0 },
        limits: { memory: 512 * MB },
      });
    });

    it('are found by name, address and id, and tell their tasks and disk', async () => {
      const { id, address } = await nodeOf('node-2');
      for (const name of [id, address, 'node-2']) expect((await world.platform.nodes.info(name)).id).to.equal(id);
      const info = await world.platform.nodes.info('node-1');
      expect(info.placed).to.have.length(1);
      expect(info.placed[0]).to.include({ app: 'shop', state: 'running', memory: 512 * MB });
      expect(info.placed[0]!.name).to.match(/^web\.[12]$/);
      expect(info.report!.disk.free).to.be.greaterThan(0);
      expect(await rejection(world.platform.nodes.info('node-9'))).to.equal('NODE_NOT_FOUND');
    });

    it('are named, with their zones, by ps and by the cluster', async () => {
      expect((await world.platform.ps.list('shop')).map((task) => `${task.node} ${task.zone}`).sort()).to.deep.equal([
        'node-1 a',
        'node-2 b',
      ]);
      expect((await world.platform.cluster.info()).nodes.map((node) => node.zone)).to.deep.equal(['a', 'b']);
    });

    it('have routers where the role is, and everywhere when no node has it', async () => {
      const router = {
        name: 'mothership-router',
        labels: {},
        image: 'r',
        env: {},
        networks: [],
        replicas: 'global',
        endpointMode: 'dnsrr',
        restart: { condition: 'any', delayMs: 0 },
      } as const;
      await world.engine.createService(router);
      const routers = async (): Promise<string[]> => {
        const nodes = await world.engine.nodes();
        const tasks = await world.engine.tasks({ service: router.name, desired: 'running' });
        return tasks.map((task) => nodes.find((node) => node.id === task.nodeId)!.hostname).sort();
      };
      expect(await routers()).to.deep.equal(['node-1', 'node-2']);
      const { warnings } = await world.platform.nodes.update('node-2', { roles: { router: true } }, caller);
      expect(warnings[0]).to.match(/^Routers run only on node-2 \(.*\):.*single point of failure/);
      expect(await routers()).to.deep.equal(['node-2']);
      const [task] = await world.engine.tasks({ service: router.name, desired: 'running' });
      await world.platform.nodes.update('node-2', { roles: { router: false } }, caller);
      expect(await routers()).to.deep.equal(['node-1', 'node-2']);
      const left = await world.engine.tasks({ service: router.name, desired: 'running' });
      expect(
        left.map(({ id }) => id),
        'the last router went on',
      ).to.include(task!.id);
    });

    it('take zone, roles and labels, and keep what is not named', async () => {
      await world.platform.nodes.update(
        'node-2',
        { zone: 'c', roles: { builder: true }, labels: { disk: 'ssd', old: '1' } },
        caller,
      );
      const changed = await world.platform.nodes.update(
        'node-2',
        { roles: { router: true }, labels: { old: null } },
        caller,
      );
      expect(changed).to.deep.include({ zone: 'c', roles: ['builder', 'router'], labels: { disk: 'ssd' } });
      expect((await nodeOf('node-2')).labels).to.deep.equal({
        'mothership.zone': 'c',
        'mothership.role.builder': 'true',
        'mothership.role.router': 'true',
        disk: 'ssd',
      });
      expect(
        await world.platform.nodes.update('node-2', { zone: null, roles: { builder: false, router: false } }, caller),
      ).to.deep.include({ zone: null, roles: [] });
    });

    it('tell a machine how to join', async () => {
      const joining = await world.platform.nodes.join('worker');
      expect(joining).to.deep.include({
        managers: ['10.77.0.1:2377'],
        ca: null,
        registry: null,
        peers: ['10.77.0.1', '10.77.0.2'],
      });
      expect(joining.token).to.equal((await world.engine.joinTokens()).worker.reveal());
    });

    it('tell their CA and registry when they have one', async () => {
      await world.engine.createConfig({ name: 'mothership-ca', labels: {}, data: Buffer.from('PEM') });
      await world.engine.createService({
        name: 'mothership-registry',
        labels: {},
        image: 'r',
        env: {},
        networks: [],
        replicas: 'global',
        endpointMode: 'dnsrr',
        restart: { condition: 'any', delayMs: 0 },
      });
      expect(await world.platform.nodes.join('manager')).to.deep.include({
        ca: 'PEM',
        registry: { host: 'registry.mothership.internal:5000', addresses: ['10.77.0.1'] },
      });
    });
  });

  describe('that are promoted and demoted', () => {
    it('explain what the number of managers means', async () => {
      await start([{}, {}, {}]);
      const second = await world.platform.nodes.update('node-2', { role: 'manager' }, caller);
      expect(second).to.include({ role: 'manager' });
      expect(second.warnings).to.deep.equal([
        'With 2 managers, the cluster cannot be changed while one of them is down. That is no better than 1: use 1, 3 or 5 managers.',
      ]);
      expect((await world.platform.nodes.update('node-3', { role: 'manager' }, caller)).warnings).to.deep.equal([
        'With 3 managers, the cluster tolerates the loss of one.',
      ]);
      expect(await world.platform.nodes.update('node-3', { role: 'worker' }, caller)).to.include({
        role: 'worker',
        reachable: null,
      });
    });

    it('keep the quorum', async () => {
      await start([{}, { role: 'manager' }, { role: 'manager' }]);
      world.engine.changeNode((await nodeOf('node-3')).id, { state: 'down' });
      expect(await rejection(world.platform.nodes.update('node-2', { role: 'worker' }, caller))).to.equal(
        'NODE_DEMOTION_REFUSED',
      );
      expect((await nodeOf('node-2')).role).to.equal('manager');
    });
  });

  describe('that are drained', () => {
    it('are emptied only when the routers serve the app elsewhere', async () => {
      await start([zone('a'), zone('b'), zone('b')]);
      await world.deploy('shop', 'hello:1');
      await scale(2);
      const [leaving] = (await places()).filter((name) => name !== 'node-1');
      world.engine.script(/^shop_web_v1-2$/, { state: 'running', afterMs: 700 });
      const operation = await world.platform.nodes.drain(leaving!, {}, caller);
      expect(operation).to.deep.include({ kind: 'drain', subject: { kind: 'node', name: leaving } });
      await world.clock.advance(300);
      expect(await nodeOf(leaving!)).to.include({ availability: 'pause' });
      expect(world.served('shop.my.paas'), 'while the new ones start').to.deep.equal({ 'shop/1': 2 });
      const { events, ending } = await world.follow(operation);
      expect(ending).to.deep.include({ type: 'done', result: { node: leaving, moved: ['shop'] } });
      expect(
        events.flatMap((event) => (event.type === 'phase' && event.state === 'done' ? [event.phase] : [])),
      ).to.deep.equal(['move', 'stop']);
      expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1.2': 2 });
      expect(await places()).not.to.include(leaving);
      expect(await nodeOf(leaving!)).to.deep.include({ availability: 'drain', labels: { 'mothership.zone': 'b' } });
      await world.platform.nodes.update(leaving!, { availability: 'active' }, caller);
      expect((await nodeOf(leaving!)).availability).to.equal('active');
    });

    it('are refused with every reason, unless forced', async () => {
      await start([{ memoryBytes: 100 * MB }, {}]);
      await world.deploy('shop', 'hello:1');
      await scale(4);
      const data = {
        name: 'postgres',
        labels: {},
        image: 'r',
        env: {},
        networks: [],
        replicas: 1,
        endpointMode: 'dnsrr',
        restart: { condition: 'any', delayMs: 0 },
      } as const;
      await world.engine.createService({
        ...data,
        constraints: ['node.hostname == node-2'],
        mounts: [{ type: 'volume', source: 'pg', target: '/data' }],
      });
      const error = (await world.platform.nodes.drain('node-2', {}, caller).catch((reason: Error) => reason)) as Error;
      expect(error.message)
        .to.contain('node-2 cannot be drained without loss:')
        .and.contain('the only copy of the volume pg of postgres is on this node')
        .and.contain('no other node is allowed to run postgres (node.hostname == node-2)')
        .and.match(/no other node has 64 MB free for web\.\d of shop/);
      expect(await nodeOf('node-2')).to.include({ availability: 'active' });
      expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1': 4 });
    });

    it('stay as they were when an app cannot be started elsewhere', async () => {
      await start([{}, {}]);
      await world.deploy('shop', 'hello:1');
      await scale(2);
      world.engine.script('shop_web_v1-2', { state: 'failed', exitCode: 3 });
      expect(await end(world.platform.nodes.drain('node-2', {}, caller))).to.equal('NODE_MOVE_FAILED');
      expect(await nodeOf('node-2')).to.deep.include({ availability: 'active', labels: {} });
      expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1': 2 });
      expect((await world.platform.apps.info('shop')).operation).to.equal(null);
    });

    it('can be left off, and are as they were', async () => {
      await start([{}, {}]);
      await world.deploy('shop', 'hello:1');
      await scale(2);
      world.engine.script('shop_web_v1-2', { state: 'preparing' });
      const operation = await world.platform.nodes.drain('node-2', {}, caller);
      expect(await rejection(world.platform.nodes.rebalance(caller))).to.equal('NODES_BUSY');
      await world.clock.advance(200);
      expect(await nodeOf('node-2')).to.include({ availability: 'pause' });
      await world.platform.operations.cancel(operation.id);
      expect(outcome((await world.follow(operation)).ending)).to.equal('CANCELLED');
      expect(await nodeOf('node-2')).to.deep.include({ availability: 'active', labels: {} });
      expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1': 2 });
    });

    it('are gone on with by the next controller when this one dies of it', async () => {
      await start([{}, {}, {}]);
      await world.deploy('shop', 'hello:1');
      await scale(3);
      world.engine.script('shop_web_v1-2', { state: 'preparing' });
      const operation = await world.platform.nodes.drain('node-2', {}, caller);
      await world.clock.advance(200);
      world.kill();
      world.engine.script('shop_web_v1-2', { state: 'running' });
      expect(await nodeOf('node-2')).to.include({ availability: 'pause' });
      await world.boot();
      expect(await end(world.platform.operations.info(operation.id))).to.equal('done');
      expect(await nodeOf('node-2')).to.deep.include({ availability: 'drain', labels: {} });
      expect(await places())
        .to.have.length(3)
        .and.not.include('node-2');
    });
  });

  describe('that are removed', () => {
    it('are drained, no managers any more, and gone', async () => {
      await start([{}, { role: 'manager' }, { role: 'manager' }, {}]);
      await world.deploy('shop', 'hello:1');
      await scale(4);
      const said = await notices(world.platform.nodes.remove('node-2', {}, caller));
      expect(said.join()).to.contain('node-2 did not confirm that it left');
      expect((await world.engine.nodes()).map((node) => node.hostname)).to.deep.equal(['node-1', 'node-3', 'node-4']);
      expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1.2': 4 });
    });

    it('never take the quorum along, forced or not', async () => {
      await start([{}, { role: 'manager' }]);
      world.engine.changeNode((await nodeOf('node-2')).id, { state: 'down' });
      for (const force of [false, true])
        expect(await rejection(world.platform.nodes.remove('node-1', { force }, caller))).to.equal(
          'NODE_DRAIN_REFUSED',
        );
      expect(await end(world.platform.nodes.remove('node-2', {}, caller))).to.equal('done');
      expect((await world.engine.nodes()).map((node) => node.hostname)).to.deep.equal(['node-1']);
    });

    it('go though they are down, and nothing is waited for that they cannot tell', async () => {
      await start([{}, {}]);
      await world.deploy('shop', 'hello:1');
      await scale(2);
      world.engine.changeNode((await nodeOf('node-2')).id, { state: 'down' });
      expect(await end(world.platform.nodes.remove('node-2', {}, caller))).to.equal('done');
      expect(await places()).to.deep.equal(['node-1', 'node-1']);
    });
  });

  describe('that are unevenly filled', () => {
    beforeEach(async () => {
      await start([zone('a')]);
      await world.deploy('shop', 'hello:1');
      await scale(3);
      world.engine.addNode(zone('b'));
      world.engine.addNode(zone('c'));
    });

    it('are evened out, one app after the other, and only while it helps', async () => {
      await world.platform.apps.create({ name: 'blog' }, caller);
      await world.deploy('blog', 'hello:1');
      const said = await notices(world.platform.nodes.rebalance(caller));
      expect(said).to.deep.equal(['Restarting shop: 3 tasks in 1 of 3 zones']);
      expect(await places()).to.deep.equal(['node-1', 'node-2', 'node-3']);
      expect(await notices(world.platform.nodes.rebalance(caller))).to.deep.equal([]);
    });

    it('stay so from the first app on that does not come up', async () => {
      world.engine.script('shop_web_v1-2', { state: 'failed', exitCode: 1 });
      expect(await end(world.platform.nodes.rebalance(caller))).to.equal('NODE_MOVE_FAILED');
      expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1': 3 });
      expect(await rejection(world.platform.nodes.drain('node-9', {}, caller))).to.equal('NODE_NOT_FOUND');
    });
  });

  it('that lack a zone are told of after a deploy and a scaling', async () => {
    await start([zone('a'), zone('b'), { ...zone('c'), memoryBytes: 64 * MB }]);
    await world.deploy('shop', 'hello:1');
    const { events, ending } = await scale(3);
    expect(outcome(ending)).to.equal('done');
    expect(events.some((event) => event.type === 'notice')).to.equal(false);
    await world.engine.createService({
      name: 'big',
      labels: {},
      image: 'r',
      env: {},
      networks: [],
      replicas: 'global',
      endpointMode: 'dnsrr',
      restart: { condition: 'any', delayMs: 0 },
      constraints: ['node.hostname == node-3'],
      reservations: { memoryBytes: 60 * MB },
    });
    const again = await world.deploy('shop', 'hello:2');
    expect(again.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []))).to.include(
      'web: 3 tasks, 2 of 3 zones. Run `mothership nodes` to see free resources',
    );
  });
});
