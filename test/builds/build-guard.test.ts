import { expect } from 'chai';
import { createInterface } from 'node:readline';
import { BuildGuard, endGuards } from '../../src/builds/build-guard.ts';
import type { ContainerSpec } from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { withFaults } from '../fakes/fake-engine-faults.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { FakeClock, settle } from '../fakes/fake-clock.ts';

const POST = { image: 'stack:build', volumes: '/var/lib/docker/volumes', sparesFirst: true };
const LINGER_MS = 60_000;

/** A build that goes on until it is told to end. */
function openBuild(): { build: () => Promise<string>; end: () => void } {
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { build: () => over.then(() => 'built'), end };
}

describe('the guard beside builds', () => {
  let engine: FakeEngine;
  let clock: FakeClock;
  let guard: BuildGuard;
  beforeEach(() => {
    engine = new FakeEngine();
    engine.imageStore.add(POST.image);
    engine.program(
      () => true,
      ({ killed }) => new Promise((resolve) => killed.addEventListener('abort', () => resolve(0))),
    );
    clock = new FakeClock();
    guard = new BuildGuard(engine, clock);
  });
  const guards = async (): Promise<string[]> =>
    (await engine.containers({ 'mothership.kind': 'build-guard' }))
      .filter(({ running }) => running)
      .map(({ id }) => id);

  it('is one while there are builds, and for a minute after', async () => {
    const [one, other] = [openBuild(), openBuild()];
    const both = [guard.beside(POST, one.build), guard.beside(POST, other.build)];
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

  it('stays when the next build begins within that minute', async () => {
    await guard.beside(POST, async () => undefined);
    await clock.advance(LINGER_MS / 2);
    const [one] = await guards();
    const next = openBuild();
    const built = guard.beside(POST, next.build);
    await clock.advance(LINGER_MS);
    expect(await guards()).to.deep.equal([one]);
    next.end();
    await built;
  });

  it('begins anew when somebody has removed it, during a build or after', async () => {
    const build = openBuild();
    const built = guard.beside(POST, build.build);
    await settle();
    for (const id of await guards()) await engine.removeContainer(id);
    await settle();
    await clock.advance(2000);
    await settle();
    expect(await guards()).to.have.length(1);
    build.end();
    await built;
    for (const id of await guards()) await engine.removeContainer(id);
    await clock.advance(2000);
    expect(await guards()).to.deep.equal([]);
    await guard.beside(POST, async () => settle());
    expect(await guards()).to.have.length(1);
  });

  it('knows what is on the volumes that it was asked for last', async () => {
    const asked: string[] = [];
    engine.program(
      ({ labels }) => labels?.['mothership.kind'] === 'build-guard',
      async ({ stdin, out }) => {
        for await (const line of createInterface({ input: stdin })) {
          asked.push(line);
          for (const volume of line.split(' ').filter(Boolean)) out(`12\t/volumes/${volume}/_data`);
        }
        return 0;
      },
    );
    const build = openBuild();
    const one = guard.measure('cache-one');
    const built = guard.beside(POST, build.build);
    await settle();
    const other = guard.measure('cache-other');
    expect(other.bytes()).to.equal(0);
    await settle();
    expect([one.bytes(), other.bytes()]).to.deep.equal([12 * 1024, 12 * 1024]);
    one.end();
    other.end();
    await settle();
    expect(asked).to.deep.equal(['cache-one', 'cache-one cache-other', 'cache-other', '']);
    build.end();
    await built;
  });

  it("changes nothing of the kernel when all processors are the builds'", async () => {
    let spec: ContainerSpec | undefined;
    engine.program(
      () => true,
      (io) => {
        spec = io.spec;
        return 0;
      },
    );
    await guard.beside({ ...POST, sparesFirst: false }, async () => settle());
    expect(spec?.mounts).to.deep.equal([
      { type: 'bind', source: '/var/lib/docker/volumes', target: '/volumes', readOnly: true },
    ]);
  });

  it('is nothing that a build fails for', async () => {
    const refusing = withFaults(engine, {
      createContainer: () => fail('ENGINE_FAILED', { action: 'create it', why: 'no such path' }),
    });
    expect(await new BuildGuard(refusing, clock).beside(POST, async () => 'built')).to.equal('built');
  });

  it('is tried again with the next build when it did not start', async () => {
    let starts = 0;
    const refusing = withFaults(engine, {
      startContainer: () => (starts++ === 0 ? fail('ENGINE_FAILED', { action: 'start it', why: 'busy' }) : undefined),
    });
    const beside = new BuildGuard(refusing, clock);
    await beside.beside(POST, async () => settle());
    expect(await engine.containers({ 'mothership.kind': 'build-guard' })).to.deep.equal([]);
    await beside.beside(POST, async () => settle());
    expect(await guards()).to.have.length(1);
  });

  it('is ended after a life that ended without', async () => {
    await guard.beside(POST, async () => settle());
    await endGuards(engine);
    expect(await engine.containers({ 'mothership.kind': 'build-guard' })).to.deep.equal([]);
  });
});
