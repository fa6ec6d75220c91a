import { expect } from 'chai';
import { isMothershipError } from '../../src/errors/index.ts';
import { RouterHub, type RouterReport } from '../../src/router/index.ts';
import type { Route } from '../../src/router/table.ts';
import { FakeClock, settle } from '../fakes/fake-clock.ts';

const START = 1_000_000;
const routes = (...apps: string[]): Route[] =>
  apps.map((app) => ({ host: `${app}.test`, path: '/', app, releases: [] }));
const report = (id: string, applied = 0, inFlight: Record<string, number> = {}): RouterReport => ({
  id,
  applied,
  inFlight,
});

/** A promise as the test looks at it between two movements of the clock. */
function watch<T>(promise: Promise<T>): { state: 'pending' | 'done' | 'failed'; value?: T; error?: unknown } {
  const seen: { state: 'pending' | 'done' | 'failed'; value?: T; error?: unknown } = { state: 'pending' };
  promise.then(
    (value) => Object.assign(seen, { state: 'done', value }),
    (error: unknown) => Object.assign(seen, { state: 'failed', error }),
  );
  return seen;
}

describe('RouterHub', () => {
  let clock: FakeClock;
  let hub: RouterHub;

  beforeEach(() => {
    clock = new FakeClock(START);
    hub = new RouterHub(clock);
  });

  describe('publish', () => {
    it('makes growing versions from time and keeps the version of equal routes', async () => {
      const first = hub.publish(routes('a'));
      expect(first).to.equal(START);
      expect(hub.publish(routes('a'))).to.equal(first);
      expect(hub.publish(routes('b'))).to.equal(START + 1);
      await clock.advance(50);
      expect(hub.publish(routes('c'))).to.equal(START + 50);
    });

    it('goes above what routers brought from a controller whose clock was ahead', () => {
      void hub.poll(report('r1', START + 9_000));
      expect(hub.publish(routes('a'))).to.equal(START + 9_001);
    });
  });

  describe('poll', () => {
    it('gives no table before the first is published, so that a restarted controller empties no router', async () => {
      const answer = watch(hub.poll(report('r1', 77)));
      await clock.advance(1_000);
      expect(answer.state).to.equal('pending');
      const version = hub.publish(routes('a'));
      await settle();
      expect(answer.value).to.deep.equal({ version, routes: routes('a') });
    });

    it('answers at once when the versions differ, whichever is greater', async () => {
      const version = hub.publish(routes('a'));
      expect(await hub.poll(report('r1', version - 1))).to.have.property('version', version);
      expect(await hub.poll(report('r1', version + 1))).to.have.property('version', version);
    });

    it('is held 4 s when nothing is new, and leaves no timer behind', async () => {
      const version = hub.publish(routes('a'));
      const answer = watch(hub.poll(report('r1', version)));
      await clock.advance(3_999);
      expect(answer.state).to.equal('pending');
      await clock.advance(1);
      expect(answer).to.include({ state: 'done', value: undefined });
      expect(clock.sleeping).to.equal(0);
    });

    it('is held 100 ms while a release drains, also when it was held before', async () => {
      const version = hub.publish(routes('a'));
      const before = watch(hub.poll(report('r1', version)));
      await clock.advance(2_000);
      const stop = hub.draining('a-1');
      await settle();
      expect(before.state).to.equal('done');
      const during = watch(hub.poll(report('r1', version)));
      await clock.advance(100);
      expect(during.state).to.equal('done');
      stop();
      const after = watch(hub.poll(report('r1', version)));
      await clock.advance(1_000);
      expect(after.state).to.equal('pending');
    });

    it('ends when the router hangs up, which is then live for 5 s more', async () => {
      const version = hub.publish(routes('a'));
      const connection = new AbortController();
      const answer = watch(hub.poll(report('r1', version), connection.signal));
      await clock.advance(3_000);
      expect(hub.routers()).to.deep.equal([{ id: 'r1', applied: version, seenAt: START, live: true }]);
      connection.abort();
      await settle();
      expect(answer).to.include({ state: 'done', value: undefined });
      await clock.advance(4_999);
      expect(hub.routers()[0]).to.have.property('live', true);
      await clock.advance(1);
      expect(hub.routers()[0]).to.have.property('live', false);
      expect(clock.sleeping).to.equal(0);
    });
  });

  describe('acknowledged', () => {
    it('waits for every live router', async () => {
      const old = hub.publish(routes('a'));
      void hub.poll(report('r1', old));
      void hub.poll(report('r2', old));
      const version = hub.publish(routes('b'));
      const wait = watch(hub.acknowledged(version, { timeoutMs: 3_000 }));
      void hub.poll(report('r1', version));
      await settle();
      expect(wait.state).to.equal('pending');
      void hub.poll(report('r2', version));
      await settle();
      expect(wait.state).to.equal('done');
    });

    it('waits for a router that runs and was never heard of: it still serves what an earlier controller told it', async () => {
      hub.expectRouters(['r1', 'r2']);
      const version = hub.publish(routes('a'));
      void hub.poll(report('r1', version));
      const wait = watch(hub.acknowledged(version, { timeoutMs: 10_000 }));
      await clock.advance(2_000);
      expect(wait.state).to.equal('pending');
      void hub.poll(report('r2', version - 1_000));
      await settle();
      expect(wait.state).to.equal('pending');
      void hub.poll(report('r2', version));
      await settle();
      expect(wait.state).to.equal('done');
    });

    it('names a router that was never heard of, and waits no longer for one that Swarm has given up', async () => {
      hub.expectRouters(['r1', 'gone']);
      const version = hub.publish(routes('a'));
      void hub.poll(report('r1', version));
      const patient = watch(hub.acknowledged(version, { timeoutMs: 10_000 }));
      const failing = watch(hub.acknowledged(version, { timeoutMs: 3_000 }));
      await clock.advance(3_000);
      expect(String(failing.error)).to.include('gone').and.not.include('r1');
      hub.expectRouters(['r1']);
      await settle();
      expect(patient.state).to.equal('done');
    });

    it('does not wait for a router that died', async () => {
      const old = hub.publish(routes('a'));
      const connection = new AbortController();
      void hub.poll(report('dead', old), connection.signal);
      connection.abort();
      await settle();
      const version = hub.publish(routes('b'));
      void hub.poll(report('r1', version));
      const wait = watch(hub.acknowledged(version, { timeoutMs: 10_000 }));
      await clock.advance(4_000);
      expect(wait.state).to.equal('pending');
      await clock.advance(1_500);
      expect(wait.state).to.equal('done');
    });

    it('does not take the version of another controller for its own', async () => {
      const version = hub.publish(routes('a'));
      void hub.poll(report('r1', version + 50));
      const wait = watch(hub.acknowledged(version, { timeoutMs: 3_000 }));
      await settle();
      expect(wait.state).to.equal('pending');
      void hub.poll(report('r1', version));
      await settle();
      expect(wait.state).to.equal('done');
    });

    it('names the routers that stayed silent', async () => {
      const old = hub.publish(routes('a'));
      void hub.poll(report('r1', old));
      void hub.poll(report('r2', old));
      const version = hub.publish(routes('b'));
      await settle();
      void hub.poll(report('r1', version));
      void hub.poll(report('r2', old), new AbortController().signal);
      const wait = watch(hub.acknowledged(version, { timeoutMs: 3_000 }));
      await clock.advance(3_000);
      expect(wait.state).to.equal('failed');
      expect(isMothershipError(wait.error, 'ROLLOUT_ROUTERS_SILENT')).to.equal(true);
      expect(String(wait.error)).to.include('3 s').and.include('r2').and.not.include('r1');
    });

    it('fails when no router is there, or fewer than are expected', async () => {
      const version = hub.publish(routes('a'));
      const none = watch(hub.acknowledged(version, { timeoutMs: 1_000 }));
      await clock.advance(1_000);
      expect(String(none.error)).to.include('no router is connected');
      void hub.poll(report('r1', version));
      const fewer = watch(hub.acknowledged(version, { timeoutMs: 1_000, expect: 2 }));
      await clock.advance(1_000);
      expect(isMothershipError(fewer.error, 'ROLLOUT_ROUTERS_SILENT')).to.equal(true);
    });

    it('stops when it is cancelled', async () => {
      const version = hub.publish(routes('a'));
      const cancel = new AbortController();
      const wait = watch(hub.acknowledged(version, { timeoutMs: 60_000, signal: cancel.signal }));
      await settle();
      cancel.abort(new Error('enough'));
      await settle();
      expect(wait.state).to.equal('failed');
      expect(String(wait.error)).to.include('enough');
      expect(clock.sleeping).to.equal(0);
    });
  });

  describe('drained', () => {
    it('waits until no router has the release in flight under the new table', async () => {
      const old = hub.publish(routes('a'));
      void hub.poll(report('r1', old, { 'a-1': 0 }));
      void hub.poll(report('r2', old, { 'a-1': 3 }));
      const version = hub.publish(routes('b'));
      const wait = watch(hub.drained('a-1', version, { timeoutMs: 10_000 }));
      expect(hub.inFlight('a-1')).to.equal(3);
      void hub.poll(report('r2', version, { 'a-1': 0 }));
      await clock.advance(200);
      expect(wait.state, 'r1 may still send to it').to.equal('pending');
      void hub.poll(report('r1', version));
      await settle();
      expect(wait).to.include({ state: 'done', value: 0 });
    });

    it('tells how many requests were left when the time was up', async () => {
      const version = hub.publish(routes('a'));
      const poll = async (): Promise<void> => {
        for (;;) await hub.poll(report('r1', version, { 'a-1': 2, 'b-1': 9 }));
      };
      void poll();
      const wait = watch(hub.drained('a-1', version, { timeoutMs: 30_000 }));
      await clock.advance(30_000);
      expect(wait).to.include({ state: 'done', value: 2 });
    });
  });
});
