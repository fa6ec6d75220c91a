import { expect } from 'chai';
import { endGuards, FirstProcessor } from '../../src/builds/first-processor.ts';
import { fail } from '../../src/errors/index.ts';
import { withFaults } from '../fakes/fake-engine-faults.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { FakeClock, settle } from '../router/fake-clock.ts';

const IMAGE = 'stack:build';
const LINGER_MS = 60_000;

/** A build that goes on until it is told to end. */
function openBuild(): { build: () => Promise<string>; end: () => void } {
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => { end = resolve; });
  return { build: () => over.then(() => 'built'), end };
}

describe('the first processor', () => {
  let engine: FakeEngine;
  let clock: FakeClock;
  let first: FirstProcessor;
  beforeEach(() => {
    engine = new FakeEngine();
    engine.imageStore.add(IMAGE);
    engine.program(() => true, ({ killed }) => new Promise((resolve) => killed.addEventListener('abort', () => resolve(0))));
    clock = new FakeClock();
    first = new FirstProcessor(engine, clock);
  });
  const guards = async (): Promise<string[]> =>
    (await engine.containers({ 'mothership.kind': 'build-guard' })).filter(({ running }) => running).map(({ id }) => id);

  it('is spared by one guard while there are builds, and for a minute after', async () => {
    const [one, other] = [openBuild(), openBuild()];
    const both = [first.spare(IMAGE, one.build), first.spare(IMAGE, other.build)];
    await settle();
    expect(await guards()).to.have.length(1);
    one.end();
    await clock.advance(LINGER_MS);
    expect(await guards()).to.have.length(1);
    other.end();
    expect(await Promise.all(both)).to.deep.equal(['built', 'built']);
    await clock.advance(LINGER_MS - 1);
    expect(await guards()).to.have.length(1);
    await clock.advance(1);
    await settle();
    expect(await engine.containers({ 'mothership.kind': 'build-guard' })).to.deep.equal([]);
  });

  it('goes on being spared when the next build begins within that minute', async () => {
    await first.spare(IMAGE, async () => undefined);
    await clock.advance(LINGER_MS / 2);
    const [guard] = await guards();
    const next = openBuild();
    const built = first.spare(IMAGE, next.build);
    await clock.advance(LINGER_MS);
    expect(await guards()).to.deep.equal([guard]);
    next.end();
    await built;
  });

  it('has a new guard when somebody has removed it', async () => {
    await first.spare(IMAGE, async () => settle());
    for (const id of await guards()) await engine.removeContainer(id);
    await first.spare(IMAGE, async () => settle());
    expect(await guards()).to.have.length(1);
  });

  it('is nothing that a build fails for', async () => {
    const refusing = withFaults(engine, { createContainer: () => fail('ENGINE_FAILED', { action: 'create it', why: 'no such path' }) });
    expect(await new FirstProcessor(refusing, clock).spare(IMAGE, async () => 'built')).to.equal('built');
  });

  it('is given back after a life that ended without', async () => {
    await first.spare(IMAGE, async () => settle());
    await endGuards(engine);
    expect(await engine.containers({ 'mothership.kind': 'build-guard' })).to.deep.equal([]);
  });
});
