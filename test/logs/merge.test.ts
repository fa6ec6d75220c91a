import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import { merge } from '../../src/logs/merge.ts';

interface Line {
  readonly source: string;
  readonly n: number;
}

describe('merged streams', () => {
  let stop: AbortController;
  beforeEach(() => (stop = new AbortController()));
  afterEach(() => stop.abort());

  /** Counts what was taken from it. */
  function chatty(source: string, end = Infinity): { taken: number; lines: AsyncIterable<Line> } {
    const state = { taken: 0, lines: undefined as unknown as AsyncIterable<Line> };
    state.lines = (async function* () {
      while (state.taken < end) {
        await turn();
        yield { source, n: state.taken++ };
      }
    })();
    return state;
  }

  async function take(merged: AsyncIterator<Line>, count: number): Promise<Line[]> {
    const lines: Line[] = [];
    while (lines.length < count) lines.push((await merged.next()).value as Line);
    return lines;
  }

  /** Until the sources stand still. */
  async function settled(...sources: { readonly taken: number }[]): Promise<number> {
    for (let [before, quiet] = [-1, 0]; quiet < 20;) {
      await turn();
      const now = sources.reduce((sum, { taken }) => sum + taken, 0);
      quiet = now === before ? quiet + 1 : 0;
      before = now;
    }
    return sources.reduce((sum, { taken }) => sum + taken, 0);
  }

  it('wait for a slow reader, however much their sources have to say', async () => {
    const [a, b] = [chatty('a'), chatty('b')];
    const merged = merge<Line>(stop.signal);
    merged.add(a.lines);
    merged.add(b.lines);
    const reader = merged[Symbol.asyncIterator]();
    await take(reader, 10);
    expect(await settled(a, b)).to.be.within(400, 520);
    await take(reader, 1_000);
    expect(await settled(a, b)).to.be.within(1_400, 1_520);
  });

  it('lose nothing to that, and keep the order of each', async () => {
    const [a, b] = [chatty('a', 1_200), chatty('b', 700)];
    const merged = merge<Line>(stop.signal);
    merged.add(a.lines);
    merged.add(b.lines);
    const reader = merged[Symbol.asyncIterator]();
    await take(reader, 1);
    await settled(a, b);
    const lines = await take(reader, 1_899);
    for (const [source, last] of [
      ['a', 1_199],
      ['b', 699],
    ] as const) {
      const own = lines.filter((line) => line.source === source).map(({ n }) => n);
      expect(own).to.deep.equal([...own].sort((x, y) => x - y));
      expect(own.at(-1)).to.equal(last);
      expect(new Set(own).size).to.equal(own.length);
    }
  });

  it('go on when one of them fails, and end with the signal', async () => {
    const merged = merge<Line>(stop.signal);
    merged.add(
      (async function* () {
        yield { source: 'broken', n: 0 };
        await turn();
        throw new Error('gone');
      })(),
    );
    const reader = merged[Symbol.asyncIterator]();
    expect(await take(reader, 1)).to.deep.equal([{ source: 'broken', n: 0 }]);
    merged.add(chatty('a', 2).lines);
    expect(await take(reader, 2)).to.have.lengthOf(2);
    const next = reader.next();
    stop.abort();
    expect((await next).done).to.equal(true);
  });
});
