import assert from 'node:assert/strict';
import { keepUp } from '../../src/events/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

describe('keepUp', () => {
  it('runs rounds at an interval, also after one that failed, until the signal', async () => {
    const [clock, end] = [new FakeClock(0), new AbortController()];
    const [rounds, errors]: [number[], unknown[]] = [[], []];
    const round = (): Promise<unknown> =>
      rounds.push(clock.now()) === 2 ? Promise.reject(new Error('once')) : Promise.resolve();
    const loop = keepUp({ clock, everyMs: 100, failed: (error) => errors.push(error) }, round, end.signal);
    await clock.advance(250);
    end.abort();
    await loop;
    assert.deepEqual(rounds, [0, 100, 200]);
    assert.equal(errors.length, 1);
    assert.equal(clock.sleeping, 0);
  });

  it('waits before the first round, and runs none when it ends before', async () => {
    const [clock, end, rounds] = [new FakeClock(0), new AbortController(), [] as number[]];
    const round = (): Promise<unknown> => Promise.resolve(rounds.push(clock.now()));
    const loop = keepUp({ clock, firstMs: 50, everyMs: 100, failed: assert.ifError }, round, end.signal);
    await clock.advance(49);
    end.abort();
    await loop;
    assert.deepEqual(rounds, []);
  });

  it('pauses longer after a long round', async () => {
    const [clock, end, rounds] = [new FakeClock(0), new AbortController(), [] as number[]];
    const round = (): Promise<unknown> => clock.sleep(rounds.push(clock.now()) * 60);
    const loop = keepUp({ clock, everyMs: 100, restFactor: 4, failed: assert.ifError }, round, end.signal);
    await clock.advance(1_100);
    end.abort();
    await loop;
    assert.deepEqual(rounds, [0, 300, 900]);
  });
});
