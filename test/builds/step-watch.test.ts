import { expect } from 'chai';
import { defaultBuildLimits } from '../../src/builds/index.ts';
import { BuildOutput } from '../../src/builds/sandbox/output.ts';
import { StepWatch } from '../../src/builds/dockerfile/step-watch.ts';
import { fail } from '../../src/errors/index.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

/** An engine under a fork bomb: it refuses the first requests to limit a container, and a kill takes it forever. */
class BusyEngine extends FakeEngine {
  refusals = 2;
  readonly limitedTo: number[] = [];
  killed = '';

  override limitContainer: FakeEngine['limitContainer'] = async (_id, { pids = 0 }) => {
    this.refusals -= 1;
    if (this.refusals >= 0) throw fail('ENGINE_FAILED', { action: 'limit it', why: 'it is busy' });
    this.limitedTo.push(pids);
  };

  override killContainer: FakeEngine['killContainer'] = (id) => {
    this.killed = id;
    return new Promise(() => undefined);
  };
}

describe('the watch over steps of a Dockerfile', () => {
  const watched = (): { engine: BusyEngine; clock: FakeClock; watch: StepWatch; output: BuildOutput } => {
    const engine = new BusyEngine();
    const clock = new FakeClock();
    const watch = new StepWatch(engine, clock, {
      limits: { ...defaultBuildLimits, pids: 64 },
      secretSteps: [],
      config: {},
    });
    return { engine, clock, watch, output: new BuildOutput(() => undefined) };
  };

  it('asks for a limit of processes until the engine takes it', async () => {
    const { engine, clock, watch, output } = watched();
    const over = new AbortController();
    const ending = watch.exceeds(output, over.signal);
    watch.step('step-1', 'RUN true');
    for (let seconds = 0; seconds < 3; seconds += 1) await clock.advance(1000);
    expect(engine.limitedTo).to.include(64);
    over.abort();
    expect(await ending).to.equal(undefined);
  });

  it('hears of processes that could not be started though many write into one line', async () => {
    const { watch, output } = watched();
    watch.step('step-1', 'RUN bomb');
    const ending = watch.exceeds(output, new AbortController().signal);
    output.line(
      '\u001b[0m\u001b[91m/bin/sh: 1: \u001b[0m\u001b[91m/bin/sh: 1: Cannot fork\u001b[0m\u001b[91mCannot fork\u001b[0m',
    );
    output.line('bash: fork: retry: Resource temporarily unavailable');
    expect(await ending).to.deep.equal({ by: 'processes' });
  });

  it('knows the reason of an end at once, however long the end takes', async () => {
    const { engine, watch, output } = watched();
    watch.step('step-1', 'RUN bomb');
    const ending = watch.exceeds(output, new AbortController().signal);
    for (let n = 0; n < 3; n += 1) output.line('sh: 1: Cannot fork');
    expect(await ending).to.deep.equal({ by: 'processes' });
    expect(engine.killed).to.equal('step-1');
  });
});
