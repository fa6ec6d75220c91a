import { expect } from 'chai';
import { buildSlots, planBuilds, waitingFor, type BuilderNode } from '../../src/builds/queue/queue-plan.ts';
import { queueOrder, type ObservedQueue } from '../../src/builds/queue/queue-plan.ts';

const GB = 1024 ** 3;
const one: BuilderNode = { id: 'n1', name: 'one', slots: 2 };
const two: BuilderNode = { id: 'n2', name: 'two', slots: 2 };

/** `a1 a2 b1`: builds of the apps a and b. */
const builds = (text: string): ObservedQueue['waiting'] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((id) => ({ id, app: id[0]! }));
const plan = (observed: Partial<ObservedQueue>): string[] =>
  planBuilds({ waiting: [], begun: [], builders: [one], turns: new Map(), ...observed }).map(
    ({ build, builder }) => `${build}@${builder.name}`,
  );

describe('the plan of builds', () => {
  it('begins as many as the builders have room for, in the order in which they came', () => {
    expect(plan({ waiting: builds('a1 b1 c1') })).to.deep.equal(['a1@one', 'b1@one']);
    expect(
      plan({
        waiting: builds('c1'),
        begun: [
          { app: 'a', builder: 'n1' },
          { app: 'b', builder: 'n1' },
        ],
      }),
    ).to.deep.equal([]);
    expect(
      plan({
        waiting: builds('c1'),
        begun: [
          { app: 'a', builder: 'n1' },
          { app: 'b', builder: undefined },
        ],
      }),
    ).to.deep.equal(['c1@one']);
    expect(plan({ waiting: builds('a1'), builders: [] })).to.deep.equal([]);
  });

  it('lets an app with many deploys not hold up the others', () => {
    const waiting = builds('a1 a2 a3 a4 b1 c1');
    expect(queueOrder(waiting, new Map()).map(({ id }) => id)).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'a3', 'a4']);
    expect(
      queueOrder(
        builds('a2 b1'),
        new Map([
          ['a', 7],
          ['b', 3],
        ]),
      ).map(({ id }) => id),
    ).to.deep.equal(['b1', 'a2']);
  });

  it('has one build of an app at a time, until its release is over', () => {
    expect(plan({ waiting: builds('a1 a2') })).to.deep.equal(['a1@one']);
    expect(plan({ waiting: builds('a2'), begun: [{ app: 'a', builder: undefined }] })).to.deep.equal([]);
  });

  it("goes to the builder with the app's cache, else to the one with the most room", () => {
    const builders = [one, two];
    expect(plan({ waiting: [{ id: 'a1', app: 'a', last: 'two' }], builders })).to.deep.equal(['a1@two']);
    expect(plan({ waiting: builds('a1 b1 c1 d1 e1'), builders })).to.deep.equal([
      'a1@one',
      'b1@two',
      'c1@one',
      'd1@two',
    ]);
    const full = [
      { app: 'x', builder: 'n2' },
      { app: 'y', builder: 'n2' },
    ];
    expect(plan({ waiting: [{ id: 'a1', app: 'a', last: 'two' }], begun: full, builders })).to.deep.equal(['a1@one']);
    expect(
      plan({
        waiting: builds('a1'),
        builders: [one, { ...two, slots: 8 }],
        begun: [
          { app: 'x', builder: 'n2' },
          { app: 'y', builder: 'n1' },
        ],
      }),
    ).to.deep.equal(['a1@two']);
  });

  it('keeps a build away from a builder that it was lost on, if there is another', () => {
    const waiting = [{ id: 'a1', app: 'a', last: 'one', avoid: ['n1'] }];
    expect(plan({ waiting, builders: [one, two] })).to.deep.equal(['a1@two']);
    expect(plan({ waiting, builders: [one] })).to.deep.equal(['a1@one']);
  });

  it('gives a builder room by its cores and memory, and less where apps run', () => {
    expect(buildSlots({ cpus: 8, memoryBytes: 32 * GB }, true)).to.equal(8);
    expect(buildSlots({ cpus: 8, memoryBytes: 8 * GB }, true)).to.equal(4);
    expect(buildSlots({ cpus: 8, memoryBytes: 32 * GB }, false)).to.equal(2);
    expect(buildSlots({ cpus: 1, memoryBytes: GB }, false)).to.equal(1);
  });

  it('says what a build waits for', () => {
    const begun = [
      { app: 'x', builder: 'n1' },
      { app: 'y', builder: 'n1' },
    ];
    const waiting = builds('a1 a2 b1 x2');
    const words = Object.fromEntries(
      waiting.map((build) => [build.id, waitingFor(build, { waiting, begun, turns: new Map() })]),
    );
    expect(words).to.deep.equal({
      a1: 'Waiting for a free builder, next in line',
      a2: 'Waiting for an earlier deploy of this app to finish',
      b1: 'Waiting for a free builder, 1 ahead in the queue',
      x2: 'Waiting for an earlier deploy of this app to finish',
    });
  });
});
