import { expect } from 'chai';
import { defaultBuildLimits } from '../../src/builds/build.ts';
import { BuildOutput } from '../../src/builds/sandbox/output.ts';
import { StepWatch } from '../../src/builds/dockerfile/step-watch.ts';
import { fail } from '../../src/errors/index.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { runningContainer } from './running-container.ts';

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
    return { engine, clock, watch, output: new BuildOutput(() => undefined, 1000) };
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

  it('ends a step that the kernel refused a process, however long the end takes', async () => {
    const { engine, clock, watch, output } = watched();
    const step = await runningContainer(engine, { cat: ['max 3'] });
    watch.step(step, 'RUN bomb');
    const ending = watch.exceeds(output, new AbortController().signal);
    await clock.advance(1000);
    expect(await ending).to.deep.equal({ by: 'processes' });
    expect(engine.killed).to.equal(step);
  });

  it('goes by what the kernel counts, not by what a step prints', async () => {
    const { engine, clock, watch, output } = watched();
    watch.step(await runningContainer(engine, { cat: ['max 0'] }), 'RUN test');
    const over = new AbortController();
    const ending = watch.exceeds(output, over.signal);
    for (let n = 0; n < 9; n += 1) output.line('bash: fork: Resource temporarily unavailable; EFBIG: file too large');
    await clock.advance(5000);
    over.abort();
    expect(await ending).to.equal(undefined);
  });

  it('ends a step that prints too much', async () => {
    const { watch, output } = watched();
    const ending = watch.exceeds(output, new AbortController().signal);
    output.line('x'.repeat(2000));
    expect(await ending).to.deep.equal({ by: 'output' });
  });
});
