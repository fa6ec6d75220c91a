import { expect } from 'chai';
import type { NodeReport } from '../../src/agent/index.ts';
import { fail } from '../../src/errors/index.ts';
import { IsolationWatch } from '../../src/nodes/care/isolation-watch.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

describe('the watch over isolation', () => {
  it('asks every node that runs apps, and tells a change once', async () => {
    const engine = new FakeEngine({ nodes: [{}, {}, {}, { state: 'down' }, { availability: 'drain' }] });
    const [first, second, third] = (await engine.nodes()).map(({ id, hostname }) => ({ id, hostname }));
    const answers = new Map<string, () => Partial<NodeReport>>([
      [first!.id, () => ({ isolation: { enforced: true, why: '' } })],
      [second!.id, () => ({})],
      [
        third!.id,
        () => {
          throw fail('NODE_UNREACHABLE', { node: 'c', why: 'no agent is running there' });
        },
      ],
    ]);
    const said: string[] = [];
    const watch = new IsolationWatch({
      engine,
      clock: new FakeClock(),
      engines: {
        local: engine,
        on: () => Promise.resolve(engine),
        all: () => Promise.resolve([]),
        report: async (id) => answers.get(id)!() as NodeReport,
      },
      logger: {
        info: ({ node }: { node?: string }) => void said.push(`${node} ok`),
        warn: ({ node }: { node?: string }) => void said.push(`${node} not`),
        error: () => undefined,
      },
    });
    expect(watch.seen).to.equal(undefined);
    await watch.once();
    await watch.once();
    expect(watch.seen!.map(({ enforced, why }) => (enforced ? 'enforced' : why))).to.deep.equal([
      'enforced',
      'its agent is of an earlier version',
      'The node c is not responding: no agent is running there.',
    ]);
    answers.set(second!.id, () => ({ isolation: { enforced: true, why: '' } }));
    await watch.once();
    const [a, b, c] = [first, second, third].map((node) => node!.hostname);
    expect(said).to.deep.equal([`${a} ok`, `${b} not`, `${c} not`, `${b} ok`]);
  });
});
