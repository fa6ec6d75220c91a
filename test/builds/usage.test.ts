import { expect } from 'chai';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import { folderBytes } from '../../src/builds/sandbox/usage.ts';
import { UsageWatch } from '../../src/builds/sandbox/usage-watch.ts';
import { refusal } from '../engine/subject.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { FakeClock, settle } from '../fakes/fake-clock.ts';
import { runningContainer } from './running-container.ts';

describe("a build's cache", () => {
  const measured = async (...du: string[]): Promise<number> => {
    const engine = new FakeEngine();
    return folderBytes(engine, await runningContainer(engine, { du }), '/build/cache');
  };

  it('is as large as du says, whatever was removed meanwhile', async () => {
    const removed = "du: cannot access '/build/cache/x': No such file or directory";
    expect(await measured(removed, '12\t/build/cache')).to.equal(12 * 1024);
  });

  it('is measured again when du gives up at a folder that was moved meanwhile', async () => {
    const engine = new FakeEngine();
    const moved = 'du: fts_read failed: /build/cache/node/bin: No such file or directory';
    const answers = [[moved], [moved], ['12\t/build/cache']];
    const du = (): readonly string[] => answers.shift() ?? [];
    expect(await folderBytes(engine, await runningContainer(engine, { du }), '/build/cache')).to.equal(12 * 1024);
  });

  it('fails a build that never lets du reach its end', async () => {
    const moved = 'du: fts_read failed: /build/cache/a: No such file or directory';
    expect((await refusal(measured(moved), 'BUILD_FAILED')).message).to.contain(moved);
  });

  it('is never taken for empty when it cannot be measured', async () => {
    await refusal(measured(), 'BUILD_FAILED');
    const shut = "du: cannot read directory '/build/cache/No such file or directory': Permission denied";
    const error = await refusal(measured(shut, '4\t/build/cache'), 'BUILD_FAILED');
    expect(error.message).to.contain('Permission denied');
  });
});

describe('the watch over a build', () => {
  const ending = async (
    said: { du: string[] | (() => string[]); cat?: string[] },
    change: { pids?: number; stop?: boolean } = {},
  ) => {
    const clock = new FakeClock();
    const engine = new FakeEngine();
    const container = await runningContainer(engine, { cat: ['max 0'], ...said });
    const limits = { ...defaultBuildLimits, diskBytes: 1_000_000, pids: change.pids ?? 64 };
    const over = new AbortController();
    const watch = new UsageWatch({ engine, clock }, { container, cache: '/build/cache', measure: [], limits });
    const ended = watch.exceeds(over.signal);
    ended.catch(() => undefined);
    if (change.stop) await engine.removeContainer(container);
    for (let polls = 0; polls < 3; polls += 1) {
      await clock.advance(2000);
      for (let turns = 0; turns < 20; turns += 1) await settle();
    }
    over.abort();
    return ended;
  };
  const small = ['4\t/build/cache'];

  it('ends it when its cache is larger than its disk space', async () => {
    expect(await ending({ du: ['2000\t/build/cache'] })).to.deep.equal({ by: 'disk', usedBytes: 2_048_000 });
  });

  it('ends it when the kernel refused it a process, or would refuse the next', async () => {
    expect(await ending({ du: small, cat: ['max 1'] })).to.deep.equal({ by: 'processes' });
    expect(await ending({ du: small }, { pids: 2 })).to.deep.equal({ by: 'processes' });
  });

  it('leaves it alone within its limits, and when it has ended', async () => {
    expect(await ending({ du: small })).to.equal(undefined);
    expect(await ending({ du: [] }, { stop: true })).to.equal(undefined);
  });

  it('fails it when it cannot be measured twice in a row, but not once, as when it is just ending', async () => {
    const answers = [[], small];
    expect(await ending({ du: () => answers.shift() ?? small })).to.equal(undefined);
    await refusal(ending({ du: [] }), 'BUILD_FAILED');
  });
});
