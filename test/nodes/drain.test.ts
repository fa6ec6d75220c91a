import { expect } from 'chai';
import { planDrain } from '../../src/nodes/drain/drain-plan.ts';
import type { ObservedSwarm } from '../../src/nodes/observed.ts';
import type { DrainOptions } from '../../src/nodes/drain/drain-plan.ts';
import { MB, node, observed, service } from './observed.ts';

describe('a plan to drain a node', () => {
  const reasons = (swarm: ObservedSwarm, options?: DrainOptions): string[] =>
    planDrain(swarm, swarm.nodes[0]!, options).reasons.map(({ kind, why }) => `${kind}: ${why}`);
  const kinds = (swarm: ObservedSwarm, options?: DrainOptions): string[] =>
    planDrain(swarm, swarm.nodes[0]!, options).reasons.map(({ kind }) => kind);
  const reserving = (name: string, megabytes: number, change = {}) =>
    service(name, { reservations: { memoryBytes: megabytes * MB }, ...change });

  it('says where tasks go, those on every node left out', () => {
    const swarm = observed(
      [node('a', { zone: 'x' }), node('b', { zone: 'x' }), node('c', { zone: 'y' })],
      [
        [service('web'), 'a', 'b'],
        [service('worker'), 'a'],
        [service('agent', { replicas: 'global' }), 'a', 'b', 'c'],
      ],
    );
    const plan = planDrain(swarm, swarm.nodes[0]!);
    expect(plan.reasons).to.deep.equal([]);
    expect(plan.moves.map(({ service: { name }, to }) => `${name} to ${to.id}`).sort()).to.deep.equal([
      'web to c',
      'worker to b',
    ]);
  });

  it('moves no one-off of the background, and warns that it is stopped', () => {
    const labels = { 'mothership.kind': 'detached', 'mothership.type': 'run.1234' };
    const swarm = observed([node('a'), node('b')], [[reserving('shop_run-1234', 2000, { labels }), 'a']]);
    const { moves, reasons: refused, warnings } = planDrain(swarm, swarm.nodes[0]!);
    expect([moves, refused]).to.deep.equal([[], []]);
    expect(warnings).to.deep.equal(['shop_run-1234 is stopped and not started elsewhere']);
  });

  it('refuses to leave the only copy of a volume behind', () => {
    const swarm = observed([node('a'), node('b')], [[service('postgres', { volumes: ['data'] }), 'a']]);
    expect(reasons(swarm, { name: () => 'postgres.1 of shop' })).to.deep.equal([
      'volume: the only copy of the volume data of postgres.1 of shop is on this node',
    ]);
  });

  it('lets a registry go that another manager has a copy of, and no other', () => {
    const registry = service('registry', {
      replicas: 'global',
      constraints: ['node.role==manager'],
      volumes: ['images'],
      labels: { 'mothership.kind': 'registry' },
    });
    const managers = [node('a', { role: 'manager' }), node('b', { role: 'manager' })];
    expect(kinds(observed(managers, [[registry, 'a', 'b']]))).to.deep.equal([]);
    expect(kinds(observed(managers, [[registry, 'a']]))).to.deep.equal(['volume']);
    expect(kinds(observed([managers[0]!, { ...managers[1]!, state: 'down' }], [[registry, 'a', 'b']]))).to.deep.equal([
      'volume',
    ]);
  });

  it("minds neither the routers' cache nor the controller's history, but needs a place for the controller", () => {
    const controller = service('controller', {
      constraints: ['node.role==manager'],
      volumes: ['data'],
      labels: { 'mothership.kind': 'controller' },
    });
    const router = service('router', {
      replicas: 'global',
      volumes: ['table'],
      labels: { 'mothership.kind': 'router' },
    });
    const manager = node('a', { role: 'manager' });
    expect(
      kinds(
        observed(
          [manager, node('b', { role: 'manager' })],
          [
            [controller, 'a'],
            [router, 'a', 'b'],
          ],
        ),
      ),
    ).to.deep.equal([]);
    expect(
      reasons(
        observed(
          [manager, node('b')],
          [
            [controller, 'a'],
            [router, 'a', 'b'],
          ],
        ),
      ),
    ).to.deep.equal(['controller: there is no other manager to run the controller']);
  });

  it('adds up what tasks reserve', () => {
    const nodes = [node('a'), node('b'), node('c')];
    const half = reserving('web', 500, { replicas: 2 });
    expect(
      kinds(
        observed(nodes, [
          [half, 'a', 'a'],
          [reserving('worker', 400), 'a'],
        ]),
      ),
    ).to.deep.equal([]);
    expect(
      reasons(
        observed(nodes, [
          [half, 'a', 'a'],
          [reserving('big', 600), 'b'],
          [reserving('huge', 700), 'c'],
        ]),
      ),
    ).to.deep.equal(['room: no other node has 500 MB free for web', 'room: no other node has 500 MB free for web']);
  });

  it('puts the biggest task first, so that all fit that can', () => {
    const swarm = observed(
      [node('a'), node('b'), node('c', { memoryBytes: 500 * MB })],
      [
        [reserving('small', 400), 'a'],
        [reserving('large', 1000), 'a'],
      ],
    );
    expect(kinds(swarm)).to.deep.equal([]);
  });

  it('counts neither nodes that are down nor those that pause or are drained', () => {
    for (const other of [
      node('b', { state: 'down' }),
      node('b', { availability: 'pause' }),
      node('b', { availability: 'drain' }),
    ]) {
      expect(reasons(observed([node('a'), other], [[service('web'), 'a']]))).to.deep.equal([
        'placement: there is no other node to run web',
      ]);
    }
  });

  it('keeps to constraints', () => {
    const gpu = service('gpu', { constraints: ['node.labels.gpu == yes'] });
    expect(kinds(observed([node('a'), node('b')], [[gpu, 'a']]))).to.deep.equal(['placement']);
    expect(kinds(observed([node('a'), node('b', { labels: { gpu: 'yes' } })], [[gpu, 'a']]))).to.deep.equal([]);
  });

  it('does not take the last node of a role', () => {
    expect(
      reasons(observed([node('a', { roles: ['router', 'builder'] }), node('b', { roles: ['builder'] })], [])),
    ).to.deep.equal(['role: it is the last node with the role router']);
  });

  it('minds the quorum only when the node leaves', () => {
    const managers = (count: number, down = 0) =>
      Array.from({ length: count }, (_, index) =>
        node(`m${index}`, {
          role: 'manager',
          ...(index >= count - down ? ({ state: 'down', reachability: 'unreachable' } as const) : {}),
        }),
      );
    expect(kinds(observed([...managers(1), node('w')], []))).to.deep.equal([]);
    expect(kinds(observed([...managers(1), node('w')], []), { leaving: true })).to.deep.equal(['quorum']);
    expect(kinds(observed(managers(3), []), { leaving: true })).to.deep.equal([]);
    expect(kinds(observed(managers(3, 1), []), { leaving: true })).to.deep.equal(['quorum']);
    // A manager that is dead is no loss.
    expect(kinds(observed(managers(3, 1).reverse(), []), { leaving: true })).to.deep.equal([]);
    expect(kinds(observed(managers(5, 1), []), { leaving: true })).to.deep.equal([]);
    expect(kinds(observed(managers(5, 2), []), { leaving: true })).to.deep.equal(['quorum']);
  });

  it('warns when tasks may together outgrow what is left', () => {
    const web = service('web', { limits: { memoryBytes: 600 * MB }, replicas: 2 });
    const swarm = observed([node('a'), node('b')], [[web, 'a', 'b']]);
    expect(planDrain(swarm, swarm.nodes[0]!).warnings).to.deep.equal([
      'the other nodes have 1024 MB of memory, but the limits of all tasks add up to 1200 MB',
    ]);
  });
});
