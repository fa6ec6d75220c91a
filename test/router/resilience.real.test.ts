import { Agent, request as httpRequest } from 'node:http';
import { expect } from 'chai';
import { Rig, release, to } from '../fixtures/router/rig.ts';
import type { TestApp } from '../fixtures/router/test-app.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('router: failures', function () {
  this.timeout(180_000);
  let rig: Rig;
  let good: TestApp;

  before(async () => {
    rig = await Rig.start();
    good = await rig.app('good');
  });
  after(() => rig.stop());

  it('goes to the next task when one refuses the connection, a POST with a body too', async () => {
    const dead = await rig.dead();
    await rig.controller.route([
      to('half.test', [release('half-1', [dead, good])]),
      to('third.test', [release('third-1', [dead, await rig.dead(), good])]),
      to('fifth.test', [release('fifth-1', [dead, await rig.dead(), await rig.dead(), await rig.dead(), good])]),
    ]);
    for (const host of ['half.test', 'third.test', 'fifth.test']) {
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          rig.router.ask({ host, method: i % 2 ? 'POST' : 'GET', body: i % 2 ? 'x'.repeat(1000) : '' }),
        ),
      );
      expect(
        replies.map((reply) => reply.status),
        host,
      ).to.deep.equal(Array(20).fill(200));
    }
  });

  it('passes a dead task over for a while, and takes it back', async () => {
    const flaky = await rig.app('flaky');
    const { peer } = flaky;
    await flaky.stop();
    await rig.controller.route([to('flaky.test', [release('flaky-1', [{ peer }, good])])]);
    for (let i = 0; i < 10; i++) await rig.router.ask({ host: 'flaky.test' });
    await new Promise<void>((resolve) => flaky.server.listen(peer.port, '127.0.0.1', resolve));
    const before = flaky.requests.length;
    await Promise.all(Array.from({ length: 10 }, () => rig.router.ask({ host: 'flaky.test' })));
    expect(flaky.requests.length, 'at once').to.equal(before);
    await pause(1_700);
    for (let i = 0; i < 20; i++) await rig.router.ask({ host: 'flaky.test' });
    expect(flaky.requests.length, 'after a while').to.be.greaterThan(5);
  });

  it('lets one request at a time find out whether a task that says nothing is back', async () => {
    await rig.controller.route([to('silent.test', [release('silent-1', [await rig.silent(), good])])]);
    const slow = async (requests: number): Promise<number> => {
      const times = await Promise.all(
        Array.from({ length: requests }, async () => {
          const began = performance.now();
          expect(await rig.router.ask({ host: 'silent.test' })).to.have.property('status', 200);
          return performance.now() - began;
        }),
      );
      return times.filter((ms) => ms > 2_500).length;
    };
    expect(await slow(20), 'before it is known').to.be.greaterThan(5);
    await pause(1_700);
    expect(await slow(40), 'one of each of two workers').to.be.at.most(2);
  });

  it('tries the only task there is, again and again', async () => {
    const app = await rig.app('only');
    const { peer } = app;
    await app.stop();
    await rig.controller.route([to('only.test', [release('only-1', [{ peer }])])]);
    expect(await rig.router.ask({ host: 'only.test' })).to.have.property('status', 502);
    await new Promise<void>((resolve) => app.server.listen(peer.port, '127.0.0.1', resolve));
    expect(await rig.router.ask({ host: 'only.test' })).to.have.property('status', 200);
  });

  it('repeats a GET that broke on the way, but never a POST', async () => {
    const breaks = [
      await rig.app('breaks-1', (request) => request.socket.destroy()),
      await rig.app('breaks-2', (request) => request.socket.destroy()),
    ];
    await rig.controller.route([to('breaks.test', [release('breaks-1', breaks)])]);
    const tries = async (method: string, body?: string): Promise<number> => {
      const before = breaks.reduce((sum, app) => sum + app.requests.length, 0);
      expect(await rig.router.ask({ host: 'breaks.test', method, ...(body ? { body } : {}) })).to.have.property(
        'status',
        502,
      );
      return breaks.reduce((sum, app) => sum + app.requests.length, 0) - before;
    };
    expect(await tries('GET')).to.equal(2);
    breaks.push(
      ...(await Promise.all([3, 4, 5].map((n) => rig.app(`breaks-${n}`, (request) => request.socket.destroy())))),
    );
    await rig.controller.route([to('breaks.test', [release('breaks-2', breaks)])]);
    expect(await tries('GET'), 'one that breaks every task').to.equal(3);
    expect(await tries('POST', 'x')).to.equal(1);
    expect(await tries('POST')).to.equal(1);
    expect(await tries('PATCH', 'x')).to.equal(1);
  });

  it('uses few connections to an app again and again, and closes idle ones before the app does', async () => {
    const app = await rig.app('kept');
    await rig.controller.route([to('kept.test', [release('kept-1', [app])])]);
    for (let i = 0; i < 200; i++)
      await rig.router.ask({ host: 'kept.test', method: i % 2 ? 'POST' : 'GET', body: i % 2 ? 'x' : '' });
    expect(app.requests.length).to.equal(200);
    expect(app.connections).to.be.at.most(2);
    let closedByRouter = 0;
    app.server.on('connection', (socket) => socket.on('end', () => (closedByRouter += 1)));
    await pause(1_800);
    await rig.router.ask({ host: 'kept.test' });
    await pause(1_800);
    expect(closedByRouter).to.equal(1);
  });

  it('loses no request when releases replace each other and the old one is killed as soon as it is drained', async () => {
    let stopped = false;
    const statuses = new Map<number | string, number>();
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const once = (i: number): Promise<void> =>
      new Promise((resolve) => {
        const count = (result: number | string): void =>
          void (statuses.set(result, (statuses.get(result) ?? 0) + 1), resolve());
        const request = httpRequest(
          {
            agent,
            host: '127.0.0.1',
            port: rig.router.port,
            method: i % 2 ? 'POST' : 'GET',
            headers: { host: 'swap.test' },
          },
          (response) =>
            response
              .resume()
              .on('end', () => count(response.statusCode ?? 0))
              .on('error', (error) => count(String(error))),
        );
        request.on('error', (error) => count(String(error)));
        request.end(i % 2 ? 'body' : undefined);
      });
    const slowEcho = (name: string): Promise<TestApp> =>
      rig.app(name, (_request, response) => void setTimeout(() => response.end(name), 20));
    let current = await slowEcho('swap-0');
    await rig.controller.route([to('swap.test', [release('swap-0', [current])])]);
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let i = 0; !stopped; i++) await once(i);
      }),
    );
    for (let n = 1; n <= 20; n++) {
      const next = await slowEcho(`swap-${n}`);
      const version = await rig.controller.route([to('swap.test', [release(`swap-${n}`, [next])])]);
      expect(await rig.controller.hub.drained(`swap-${n - 1}`, version, { timeoutMs: 5_000 })).to.equal(0);
      await current.stop();
      current = next;
    }
    stopped = true;
    await load;
    agent.destroy();
    expect([...statuses.keys()]).to.deep.equal([200]);
    expect(statuses.get(200)).to.be.greaterThan(200);
  });

  it('serves on while the controller is away, over its own restart, and follows the controller that comes back', async () => {
    await rig.controller.route([to('steady.test', [release('steady-1', [good])])]);
    await rig.controller.stop();
    for (let i = 0; i < 10; i++) {
      expect(await rig.router.ask({ host: 'steady.test' })).to.have.property('status', 200);
      await pause(50);
    }
    await rig.router.restart();
    expect(await rig.router.ask({ host: 'steady.test' })).to.have.property('status', 200);
    expect(
      await rig.router.ask({ host: 'mothership.example.test', headers: { accept: 'application/json' } }),
    ).to.have.property('status', 503);
    await rig.controller.start();
    await pause(1_200);
    expect(await rig.router.ask({ host: 'steady.test' }), 'a controller without a table yet').to.have.property(
      'status',
      200,
    );
    await rig.controller.route([to('back.test', [release('back-1', [good])])]);
    expect(await rig.router.ask({ host: 'back.test' })).to.have.property('status', 200);
    expect(await rig.router.ask({ host: 'steady.test' })).to.have.property('status', 404);
    expect(rig.controller.refused).to.equal(0);
  });

  it('goes on when a worker is killed, with its counts set right', async () => {
    const hold = await rig.app('hold', () => {});
    await rig.controller.route([
      to('hold.test', [release('hold-9', [hold])]),
      to('steady.test', [release('steady-1', [good])]),
    ]);
    const requests = Array.from({ length: 8 }, () => rig.router.ask({ host: 'hold.test' }).catch(() => undefined));
    while (hold.requests.length < 8) await pause(10);
    for (let i = 0; i < 2; i++) {
      await rig.router.killWorker();
      await pause(500);
    }
    const version = await rig.controller.route([to('steady.test', [release('steady-2', [good])])]);
    await hold.stop();
    await Promise.all(requests);
    expect(await rig.controller.hub.drained('hold-9', version, { timeoutMs: 5_000 })).to.equal(0);
    expect(await rig.router.ask({ host: 'steady.test' })).to.have.property('status', 200);
  });

  it('holds 500 apps with 2,000 tasks and takes a change to them within a second', async () => {
    const many = Array.from({ length: 500 }, (_, i) =>
      to(`app-${i}.test`, [release(`app-${i}-1`, [good, good, good, good])]),
    );
    await rig.controller.route(many);
    const started = performance.now();
    await rig.controller.route([...many.slice(1), to('changed.test', [release('changed-1', [good])])]);
    expect(performance.now() - started).to.be.below(1_000);
    expect(await rig.router.ask({ host: 'changed.test' })).to.have.property('status', 200);
    expect(await rig.router.ask({ host: 'app-0.test' })).to.have.property('status', 404);
    expect(await rig.router.ask({ host: 'app-499.test' })).to.have.property('status', 200);
  });
});
