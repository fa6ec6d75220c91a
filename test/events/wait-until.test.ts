import assert from 'node:assert/strict';
import { retryWhile, waitUntil } from '../../src/events/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const PACE = { every: 100, within: 250 };

describe('waitUntil', () => {
  it('answers what the probe found first, without a pause when it is there already', async () => {
    const clock = new FakeClock(0);
    assert.equal(await waitUntil(clock, PACE, () => Promise.resolve('here')), 'here');
    assert.equal(clock.now(), 0);
  });

  it('looks again after each pause', async () => {
    const clock = new FakeClock(0);
    const found = waitUntil(clock, PACE, () => Promise.resolve(clock.now() >= 200 && clock.now()));
    assert.equal(await clock.passUntil(found), 200);
  });

  it('answers undefined when the time is over, after a last look', async () => {
    const clock = new FakeClock(0);
    const looks: number[] = [];
    const found = waitUntil(clock, PACE, () => Promise.resolve(looks.push(clock.now()) < 0));
    assert.equal(await clock.passUntil(found), undefined);
    assert.deepEqual(looks, [0, 100, 200, 300]);
    assert.equal(clock.sleeping, 0);
  });

  it('looks once when there is no time at all', async () => {
    let looks = 0;
    assert.equal(
      await waitUntil(new FakeClock(), { every: 1, within: 0 }, () => Promise.resolve(++looks > 1)),
      undefined,
    );
    assert.equal(looks, 1);
  });

  it('rejects with the error of the probe', async () => {
    const broken = new Error('broken');
    await assert.rejects(
      waitUntil(new FakeClock(), PACE, () => Promise.reject(broken)),
      broken,
    );
  });

  it('stops at once when it is cancelled during a pause', async () => {
    const [clock, cancel, reason] = [new FakeClock(0), new AbortController(), new Error('cancelled')];
    const found = waitUntil(clock, { ...PACE, signal: cancel.signal }, () => Promise.resolve(false));
    void clock.advance(50).then(() => cancel.abort(reason));
    await assert.rejects(found, reason);
    assert.equal(clock.sleeping, 0);
  });
});

describe('retryWhile', () => {
  const [busy, broken] = [new Error('busy'), new Error('broken')];
  const isBusy = (error: unknown): boolean => error === busy;

  it('repeats work that fails for a reason that may pass', async () => {
    const clock = new FakeClock(0);
    const work = (): Promise<number> => (clock.now() < 200 ? Promise.reject(busy) : Promise.resolve(clock.now()));
    assert.equal(await clock.passUntil(retryWhile(clock, PACE, isBusy, work)), 200);
  });

  it('rejects with another error at once', async () => {
    const clock = new FakeClock(0);
    await assert.rejects(
      retryWhile(clock, PACE, isBusy, () => Promise.reject(broken)),
      broken,
    );
    assert.equal(clock.now(), 0);
  });

  it('rejects with the last error when the time is over', async () => {
    const clock = new FakeClock(0);
    await assert.rejects(clock.passUntil(retryWhile(clock, PACE, isBusy, () => Promise.reject(busy))), busy);
    assert.equal(clock.now(), 300);
  });
});
