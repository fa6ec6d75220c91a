import { expect } from 'chai';
import type { Engine, NodeChange, NodeInfo } from '../../src/engine/index.ts';
import { CONTRACT, refusal, running, serviceSpec, until, type Subject } from './subject.ts';

/** A manager, and a second engine that is in no Swarm. */
export interface Pair {
  readonly manager: Subject;
  readonly other: Engine;
  readonly address: { readonly manager: string; readonly other: string };
}

/** The tests go on from each other: joining and leaving takes a real engine seconds. */
export function nodeContract(pair: () => Pair): void {
  let id = '';
  const node = async (): Promise<NodeInfo | undefined> =>
    (await pair().manager.engine.nodes()).find((each) => each.id === id);
  const change = async (what: NodeChange): Promise<void> => {
    const { engine } = pair().manager;
    await engine.updateNode(id, (await node())!.version, what);
  };
  const join = async (role: 'manager' | 'worker'): Promise<void> => {
    const { manager, other, address } = pair();
    const tokens = await manager.engine.joinTokens();
    await other.joinSwarm({
      token: tokens[role].reveal(),
      managers: [`${address.manager}:2377`],
      advertiseAddress: address.other,
    });
    id = (await other.info()).nodeId;
  };

  it('is refused with a token of another Swarm, and tells no token when it is printed', async () => {
    const { manager, other, address } = pair();
    const tokens = await manager.engine.joinTokens();
    expect(JSON.stringify(tokens)).not.to.contain('SWMTKN');
    expect(tokens.worker.reveal())
      .to.match(/^SWMTKN-/)
      .and.not.equal(tokens.manager.reveal());
    const token = 'SWMTKN-1-0000000000000000000000000000000000000000000000000a-0000000000000000000000000';
    await refusal(
      other.joinSwarm({ token, managers: [`${address.manager}:2377`], advertiseAddress: address.other }),
      'ENGINE_FAILED',
    );
    expect((await other.info()).swarm).to.equal('inactive');
  });

  it('joins as a worker under the address it gives', async () => {
    await join('worker');
    expect((await pair().other.info()).swarm).to.equal('worker');
    const joined = await until('the node to be ready', async () => (await node())?.state === 'ready' && node());
    expect(joined).to.include({
      role: 'worker',
      availability: 'active',
      leader: false,
      reachability: undefined,
      address: pair().address.other,
    });
    const self = (await pair().manager.engine.nodes()).find((each) => each.id !== id);
    expect(self).to.include({ role: 'manager', reachability: 'reachable', leader: true });
  });

  it('takes labels, all of them each time, and refuses an old version', async () => {
    await change({ labels: { 'mothership.zone': 'b', old: '1' } });
    const { version } = (await node())!;
    await change({ labels: { 'mothership.zone': 'a' } });
    expect(await node()).to.deep.include({
      labels: { 'mothership.zone': 'a' },
      role: 'worker',
      availability: 'active',
    });
    const error = await refusal(pair().manager.engine.updateNode(id, version, { labels: {} }), 'CONFLICT');
    expect(error.message).to.contain((await node())!.hostname);
    expect((await node())!.labels).to.deep.equal({ 'mothership.zone': 'a' });
  });

  it('takes its share of tasks over zones, hands them over when it is drained, and takes no more while it pauses', async () => {
    const { engine } = pair().manager;
    const spec = serviceSpec(pair().manager, { replicas: 2, spreadOver: ['node.labels.mothership.zone'] });
    const service = await engine.createService(spec);
    const tasks = await running(pair().manager, service, 2);
    expect(tasks.map((task) => task.nodeId)).to.include(id);
    await change({ availability: 'drain' });
    await until('all tasks elsewhere', async () =>
      (await running(pair().manager, service, 2)).every((task) => task.nodeId !== id),
    );
    await change({ availability: 'pause' });
    await engine.scaleService(service, 3);
    expect((await running(pair().manager, service, 3)).map((task) => task.nodeId)).not.to.include(id);
    await change({ availability: 'active' });
    await engine.removeService(service);
  });

  it('tells what its services reserve, where they may run and which volumes they use', async () => {
    const { engine } = pair().manager;
    const asked = {
      constraints: ['node.labels.mothership.zone == a'],
      reservations: { memoryBytes: 16 * 2 ** 20 },
      limits: { memoryBytes: 64 * 2 ** 20, cpus: 0.5 },
    };
    const service = await engine.createService(
      serviceSpec(pair().manager, {
        ...asked,
        replicas: 0,
        mounts: [{ type: 'volume', source: 'contract-data', target: '/data' }],
      }),
    );
    expect(await engine.service(service)).to.deep.include({ ...asked, volumes: ['contract-data'] });
    const huge = await engine.createService(serviceSpec(pair().manager, { reservations: { memoryBytes: 2 ** 50 } }));
    const task = await until('the reason', async () =>
      (await engine.tasks({ service: huge })).find((each) => each.error !== ''),
    );
    expect(task).to.include({ state: 'pending' });
    expect(task.error).to.contain('insufficient resources');
    await engine.removeService(huge);
    await engine.removeService(service);
  });

  it('becomes a manager and a worker again', async () => {
    await change({ role: 'manager' });
    await until('a second manager', async () => (await node())?.reachability === 'reachable');
    expect(await until('its own word', async () => (await pair().other.info()).swarm === 'manager')).to.equal(true);
    await change({ role: 'worker' });
    await until(
      'a worker',
      async () => (await node())?.reachability === undefined && (await pair().other.info()).swarm === 'worker',
    );
  });

  it('stays while it is ready, is down when it has left, and can then be removed, twice', async () => {
    const { engine } = pair().manager;
    await until('readiness', async () => (await node())?.state === 'ready');
    await refusal(engine.removeNode(id), 'ENGINE_FAILED');
    await pair().other.leaveSwarm();
    expect((await pair().other.info()).swarm).to.equal('inactive');
    await until('the manager to see it', async () => (await node())?.state === 'down');
    await engine.removeNode(id);
    await engine.removeNode(id);
    expect(await node()).to.equal(undefined);
  });

  it('can be removed by force while it is ready, but never as a manager', async () => {
    const { engine } = pair().manager;
    await join('worker');
    await until('readiness', async () => (await node())?.state === 'ready');
    const self = (await engine.nodes()).find((each) => each.leader)!;
    await refusal(engine.removeNode(self.id, { force: true }), 'ENGINE_FAILED');
    await engine.removeNode(id, { force: true });
    expect(await node()).to.equal(undefined);
    await pair().other.leaveSwarm();
    expect((await engine.services(CONTRACT)).length).to.equal(0);
  });
}
