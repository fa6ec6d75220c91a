import { expect } from 'chai';
import { satisfies, spreadShortfall } from '../../src/nodes/index.ts';
import { explainManagers, warnOfManagers } from '../../src/nodes/quorum.ts';
import { planRebalance, type Movable } from '../../src/nodes/drain/spread.ts';
import type { ObservedSwarm } from '../../src/nodes/observed.ts';
import { MB, node, observed, service } from './observed.ts';

const three = [node('a', { zone: 'x' }), node('b', { zone: 'y' }), node('c', { zone: 'z' })];

describe('a shortfall of zones', () => {
  const shortfall = (on: string[], nodes = three) =>
    spreadShortfall(
      nodes,
      [],
      on.map((nodeId) => ({ nodeId })),
    );

  it('is told with what would be possible', () => {
    expect(shortfall(['a', 'a', 'b'])).to.deep.equal({ tasks: 3, zones: 2, possible: 3 });
    expect(shortfall(['a', 'a'])).to.deep.equal({ tasks: 2, zones: 1, possible: 2 });
  });

  it('is none when tasks are as spread as can be', () => {
    for (const on of [[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'c']])
      expect(shortfall(on), on.join()).to.equal(undefined);
    expect(shortfall(['a', 'a'], [node('a'), node('b')])).to.equal(undefined);
  });

  it('does not blame a zone that is lost', () => {
    const lost = [three[0]!, three[1]!, { ...three[2]!, state: 'down' as const }];
    expect(shortfall(['a', 'b', 'b'], lost)).to.equal(undefined);
    expect(
      spreadShortfall(
        three,
        ['node.labels.mothership.zone != z'],
        ['a', 'b', 'b'].map((nodeId) => ({ nodeId })),
      ),
    ).to.equal(undefined);
  });
});

describe('a plan to rebalance', () => {
  const apps = (swarm: ObservedSwarm): Movable[] => swarm.services.map((each) => ({ id: each.id, services: [each] }));
  const plan = (swarm: ObservedSwarm): string[] =>
    planRebalance(swarm, apps(swarm)).map(({ id, why }) => `${id}: ${why}`);

  it('begins with what is worst spread over zones, then nodes', () => {
    const nodes = [
      node('a1', { zone: 'x' }),
      node('a2', { zone: 'x' }),
      node('b1', { zone: 'y' }),
      node('b2', { zone: 'y' }),
    ];
    expect(
      plan(
        observed(nodes, [
          [service('even'), 'a1', 'b1'],
          [service('lopsided'), 'a1', 'a1', 'b1', 'b2'],
          [service('together'), 'a1', 'a1', 'a2', 'a2'],
          [service('near'), 'b1', 'b2', 'a1', 'a2'],
        ]),
      ),
    ).to.deep.equal(['together: 4 tasks in 1 of 2 zones', 'lopsided: 4 tasks on 3 of 4 nodes']);
  });

  it('fills a node that has just come, with no more moves than it takes', () => {
    const names = ['one', 'two', 'three', 'four', 'five', 'six'];
    const swarm = observed(
      [node('a'), node('b'), node('new')],
      names.map((name, index) => [service(name), index % 2 ? 'a' : 'b']),
    );
    const steps = plan(swarm);
    expect(steps).to.have.length(2);
    expect(steps[0]).to.match(/: [ab] has 3 tasks, more than others$/);
  });

  it('leaves alone what is even, what fits nowhere else, and a single node', () => {
    expect(
      plan(
        observed(three, [
          [service('web'), 'a', 'b', 'c'],
          [service('api'), 'a'],
        ]),
      ),
    ).to.deep.equal([]);
    expect(
      plan(observed(three, [[service('bound', { constraints: ['node.hostname==a'] }), 'a', 'a', 'a']])),
    ).to.deep.equal([]);
    expect(plan(observed([node('a')], [[service('web'), 'a', 'a', 'a']]))).to.deep.equal([]);
    const big = service('big', { reservations: { memoryBytes: 600 * MB } });
    expect(
      plan(
        observed(
          [node('a'), node('b', { memoryBytes: 512 * MB })],
          [
            [big, 'a'],
            [service('x'), 'a'],
            [service('y'), 'b'],
          ],
        ),
      ),
    ).to.deep.equal([]);
  });

  it('is made in a moment for 500 apps', () => {
    const nodes = Array.from({ length: 10 }, (_, index) =>
      node(`n${index}`, { zone: `z${index % 3}`, memoryBytes: 1e12 }),
    );
    const swarm = observed(
      nodes,
      Array.from({ length: 500 }, (_, index) => [service(`app${index}`), ...Array<string>(4).fill(`n${index % 5}`)]),
    );
    const began = process.cpuUsage();
    const steps = planRebalance(swarm, apps(swarm));
    expect(steps.length).to.be.greaterThan(400);
    expect(process.cpuUsage(began).user / 1e6, 'seconds of processor time').to.be.lessThan(5);
  });
});

describe('managers', () => {
  it('are explained', () => {
    expect(explainManagers(1)).to.equal('With 1 manager, the cluster cannot be changed while one of them is down.');
    expect(explainManagers(3)).to.equal('With 3 managers, the cluster tolerates the loss of one.');
    expect(explainManagers(5)).to.equal('With 5 managers, the cluster tolerates the loss of 2.');
    expect([1, 2, 3, 4, 5, 9].filter((count) => warnOfManagers(count))).to.deep.equal([2, 4, 9]);
  });
});

describe('constraints', () => {
  const cases: [string, boolean][] = [
    ['node.role==manager', false],
    ['node.role != manager', true],
    ['node.hostname==a', true],
    ['node.labels.mothership.zone == x', true],
    ['node.labels.gpu == yes', false],
    ['node.labels.gpu != yes', true],
    ['engine.labels.x == y', true],
  ];
  for (const [constraint, holds] of cases)
    it(`${constraint} ${holds ? 'holds' : 'does not hold'}`, () =>
      expect(satisfies(three[0]!, [constraint])).to.equal(holds));
});
