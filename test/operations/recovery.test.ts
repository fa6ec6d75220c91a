import { expect } from 'chai';
import { caller, outcome, rejection, World } from '../platform/world.ts';

/** Of a lease that expires 15 s after it was renewed, and a sweep that looks every few seconds. */
const RECOVERY_MS = 25_000;

describe('a controller that was killed', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.create();
    await world.platform.apps.create({ name: 'shop' }, caller);
    await world.deploy('shop', 'hello:1');
  });
  afterEach(() => world.close());

  it('before the switch: its successor undoes the rollout, frees the app and tells who follows', async () => {
    world.engine.script('shop_web_v2', { state: 'preparing' });
    const operation = await world.platform.releases.create('shop', { image: 'hello:2' }, caller);
    await world.clock.advance(300);
    expect(await world.services()).to.have.property('shop_web_v2');
    world.kill();
    await world.boot();
    await world.until(async () => (await world.platform.apps.info('shop')).operation === null, RECOVERY_MS);
    expect(await world.services()).to.deep.equal({ shop_web_v1: 1 });
    expect(outcome((await world.follow(operation)).ending)).to.equal('INTERRUPTED');
    expect((await world.platform.releases.list('shop'))[0]).to.include({ version: 2, status: 'failed' });
    expect(outcome((await world.deploy('shop', 'hello:2')).ending)).to.equal('done');
  });

  it('and had been told: its successor need not wait for the lease to expire', async () => {
    world.engine.script('shop_web_v2', { state: 'preparing' });
    const operation = await world.platform.releases.create('shop', { image: 'hello:2' }, caller);
    await world.clock.advance(300);
    await world.stop();
    await world.boot();
    await world.until(async () => (await world.platform.apps.info('shop')).operation === null, RECOVERY_MS);
    expect(await world.services()).to.deep.equal({ shop_web_v1: 1 });
    expect(outcome((await world.follow(operation)).ending)).to.equal('INTERRUPTED');
  });

  it('though it runs, since Swarm has started another: it begins nothing more', async () => {
    const id = await world.engine.createService({
      name: 'mothership-controller',
      labels: {},
      image: 'hello:1',
      env: {},
      networks: [],
      replicas: 1,
      endpointMode: 'dnsrr',
      restart: { condition: 'any', delayMs: 0 },
    });
    world.engine.settle();
    const [task] = await world.engine.tasks({ service: id });
    await world.platform.stop();
    await world.boot(task!.containerId!.slice(0, 12));
    expect(outcome((await world.deploy('shop', 'hello:2')).ending)).to.equal('done');
    world.engine.failTask('mothership-controller');
    expect(await rejection(world.platform.config.update('shop', { set: { A: '1' } }, caller))).to.equal(
      'CONTROLLER_STOPPING',
    );
    expect(await rejection(world.deploy('shop', 'hello:1'))).to.equal('CONTROLLER_STOPPING');
  });

  it('between numbering a release and starting it: the release is told failed', async () => {
    const [first] = await world.store.releases.list('shop');
    const lease = {
      operation: 'ab'.repeat(8),
      kind: 'config',
      by: 'ada',
      controller: 'gone',
      startedAt: '2026-01-01T00:00:00Z',
      expiresAt: '2026-01-01T00:00:15Z',
    };
    await world.store.releases.create({ ...first!.record, version: 2 });
    await world.store.apps.update('shop', (record) => ({ ...record, lastRelease: 2, lease }));
    world.kill();
    await world.boot();
    await world.until(async () => (await world.platform.apps.info('shop')).operation === null, RECOVERY_MS);
    expect(
      (await world.platform.releases.list('shop')).map(({ version, status }) => `v${version} ${status}`),
    ).to.deep.equal(['v2 failed', 'v1 succeeded']);
  });

  it('before the first release of an app could start: nobody is told that it ran', async () => {
    await world.platform.apps.create({ name: 'fresh' }, caller);
    const operation = await world.platform.releases.create('fresh', { image: 'hello:1' }, caller);
    world.kill();
    await world.boot();
    await world.until(async () => (await world.platform.apps.info('fresh')).operation === null, RECOVERY_MS);
    expect(outcome((await world.follow(operation)).ending)).to.equal('INTERRUPTED');
  });

  it('after the switch: its successor finishes', async () => {
    world.inFlight = { 'shop/1': 1 };
    const operation = await world.platform.releases.create('shop', { image: 'hello:2' }, caller);
    await world.until(async () => (await world.platform.apps.info('shop')).release?.version === 2, 5000);
    world.kill();
    world.inFlight = {};
    await world.boot();
    await world.until(async () => (await world.platform.apps.info('shop')).operation === null, RECOVERY_MS);
    expect(await world.services()).to.deep.equal({ shop_web_v1: 0, shop_web_v2: 1 });
    expect(outcome((await world.follow(operation)).ending)).to.equal('done');
    expect((await world.platform.releases.list('shop'))[0]).to.include({
      version: 2,
      status: 'succeeded',
      current: true,
    });
  });
});
