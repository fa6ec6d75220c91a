import { expect } from 'chai';
import { caller, outcome, rejection, World } from '../platform/world.ts';

describe('a platform on a fake engine', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.create();
    await world.platform.apps.create({ name: 'shop' }, caller);
  });
  afterEach(() => world.close());

  it('deploys, and every router serves the release when the deploy says so', async () => {
    const { ending } = await world.deploy('shop', 'hello:1');
    expect(outcome(ending)).to.equal('done');
    expect(ending).to.have.nested.property('result.url', 'http://shop.my.paas');
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1': 1 });
    expect(await world.platform.apps.info('shop')).to.nested.include({ 'release.version': 1, operation: null });
  });

  it('keeps the previous release at 0 and removes older ones, while the app changes too', async () => {
    for (const image of ['hello:1', 'hello:2', 'hello:1']) await world.deploy('shop', image);
    world.engine.script('shop_web_v4', { state: 'preparing' });
    await world.platform.releases.create('shop', { image: 'hello:2' }, caller);
    await world.until(async () => 'shop_web_v4' in (await world.services()));
    await world.until(async () => !('shop_web_v1' in (await world.services())));
    expect(await world.services()).to.deep.equal({ shop_web_v2: 0, shop_web_v3: 1, shop_web_v4: 1 });
  });

  it('does not wait for processes of older releases that are still stopping', async () => {
    const stopped = new AbortController();
    world.engine.removeService = () =>
      new Promise((resolve) => stopped.signal.addEventListener('abort', () => resolve()));
    for (const image of ['hello:1', 'hello:2', 'hello:1'])
      expect(outcome((await world.deploy('shop', image)).ending)).to.equal('done');
    stopped.abort();
  });

  it('leaves the old release serving when the new one crashes, with its last lines', async () => {
    await world.deploy('shop', 'hello:1');
    world.engine.script('shop_web_v2', { state: 'failed', exitCode: 3, output: ['cannot find module "left-pad"'] });
    const { events, ending } = await world.deploy('shop', 'hello:2');
    expect(outcome(ending)).to.equal('ROLLOUT_TASK_FAILED');
    expect(events.filter((event) => event.type === 'output').map((event) => event.line)).to.include(
      'cannot find module "left-pad"',
    );
    expect(ending).to.have.nested.property('error.suggestion').that.contains("The app's last log lines are above.");
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1': 1 });
    expect(await world.services()).to.deep.equal({ shop_web_v1: 1 });
    const [failed] = await world.platform.releases.list('shop');
    expect(failed).to.include({ version: 2, status: 'failed', current: false });
  });

  it('fails a release that never listens, after the time it was given', async () => {
    await world.follow(await world.platform.config.update('shop', { set: { MOTHERSHIP_BOOT_TIMEOUT: '0.5' } }, caller));
    world.listening = () => false;
    const { ending } = await world.deploy('shop', 'hello:1');
    expect(outcome(ending)).to.equal('ROLLOUT_NEVER_READY');
    expect(await world.services()).to.deep.equal({});
  });

  it('gives a process its time to boot from when its image is there', async () => {
    await world.follow(await world.platform.config.update('shop', { set: { MOTHERSHIP_BOOT_TIMEOUT: '0.5' } }, caller));
    world.engine.script(/^shop-web-/, { afterMs: 1500 });
    const { ending } = await world.deploy('shop', 'hello:1');
    expect(outcome(ending)).to.equal('done');
  });

  it('rolls back to the release before, as a new release', async () => {
    await world.deploy('shop', 'hello:1');
    await world.deploy('shop', 'hello:2');
    const { ending } = await world.follow(await world.platform.releases.rollback('shop', {}, caller));
    expect(ending).to.have.nested.property('result.release', 3);
    const [third, , first] = await world.platform.releases.list('shop');
    expect(third).to.include({ version: 3, current: true, description: 'Rollback to v1', image: first!.image });
  });

  it('has nowhere to roll back to after one release, and never to a failed one', async () => {
    await world.deploy('shop', 'hello:1');
    expect(await rejection(world.platform.releases.rollback('shop', {}, caller))).to.equal('ROLLBACK_NOWHERE');
    expect(await rejection(world.platform.releases.rollback('shop', { version: 9 }, caller))).to.equal(
      'RELEASE_NOT_FOUND',
    );
    world.engine.script('shop_web_v2', { state: 'failed', exitCode: 1 });
    await world.deploy('shop', 'hello:2');
    expect(await rejection(world.platform.releases.rollback('shop', { version: 2 }, caller))).to.equal(
      'ROLLBACK_TO_FAILED',
    );
  });

  it('makes a release of a config change and keeps the config when that release fails', async () => {
    await world.deploy('shop', 'hello:1');
    await world.follow(await world.platform.config.update('shop', { set: { A: '1' } }, caller));
    expect(await world.platform.config.get('shop')).to.deep.equal({ A: '1' });
    world.engine.script('shop_web_v3', { state: 'failed', exitCode: 1 });
    await world.follow(await world.platform.config.update('shop', { set: { A: '2' } }, caller));
    expect(await world.platform.config.get('shop')).to.deep.equal({ A: '1' });
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/2': 1 });
  });

  it('does not speak of last lines when there are none', async () => {
    world.engine.script('shop_web_v1', { state: 'rejected', error: 'No command specified' });
    expect((await world.deploy('shop', 'hello:1')).ending)
      .to.have.nested.property('error.suggestion')
      .that.contains('The process wrote nothing to its log.');
  });

  it('takes config before the first deploy', async () => {
    await world.follow(await world.platform.config.update('shop', { set: { A: '1' } }, caller));
    await world.deploy('shop', 'hello:1');
    expect(await world.platform.config.get('shop')).to.deep.equal({ A: '1' });
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/2': 1 });
  });

  it('refuses a second change while one goes on, and takes it afterwards', async () => {
    world.engine.script('shop_web_v1', { state: 'running', afterMs: 500 });
    const first = await world.platform.releases.create('shop', { image: 'hello:1' }, caller);
    expect(await rejection(world.platform.releases.create('shop', { image: 'hello:2' }, caller))).to.equal('APP_BUSY');
    expect(outcome((await world.follow(first)).ending)).to.equal('done');
    expect(outcome((await world.deploy('shop', 'hello:2')).ending)).to.equal('done');
  });

  it('undoes a cancelled deploy', async () => {
    await world.deploy('shop', 'hello:1');
    world.engine.script('shop_web_v2', { state: 'preparing' });
    const operation = await world.platform.releases.create('shop', { image: 'hello:2' }, caller);
    await world.clock.advance(200);
    expect(await world.services()).to.have.property('shop_web_v2');
    await world.platform.operations.cancel(operation.id);
    expect(outcome((await world.follow(operation)).ending)).to.equal('CANCELLED');
    expect(await world.services()).to.deep.equal({ shop_web_v1: 1 });
    expect((await world.platform.apps.info('shop')).operation).to.equal(null);
  });

  it('scales, and the routes follow', async () => {
    await world.deploy('shop', 'hello:1');
    const update = (quantity: number) =>
      world.platform.formation.update('shop', { updates: [{ type: 'web', quantity }] }, caller);
    await world.follow(await update(3));
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1': 3 });
    await world.follow(await update(1));
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1': 1 });
    expect(await world.services()).to.deep.equal({ shop_web_v1: 1 });
  });

  it('waits for the image that a node still pulls, apart from the boot time, and then no longer than that', async () => {
    await world.deploy('shop', 'hello:1');
    const update = () => world.platform.formation.update('shop', { updates: [{ type: 'web', delta: 1 }] }, caller);
    world.engine.script('shop_web_v1', { state: 'preparing' });
    const slow = await update();
    await world.clock.advance(100_000);
    world.engine.script('shop_web_v1', { state: 'running' });
    expect(outcome((await world.follow(slow)).ending)).to.equal('done');
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1': 2 });
    world.engine.script('shop_web_v1', { state: 'preparing' });
    const began = world.clock.now();
    expect((await world.follow(await update())).ending).to.have.nested.property(
      'error.message',
      '2 of 3 web processes are up: a node is still pulling the image.',
    );
    expect(world.clock.now() - began).to.be.within(360_000, 361_000);
  });

  it('gives a new size by a new start of the same release', async () => {
    await world.deploy('shop', 'hello:1');
    await world.follow(
      await world.platform.formation.update(
        'shop',
        { updates: [{ type: 'web', size: { memory: 1024 ** 3 } }] },
        caller,
      ),
    );
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/1.2': 1 });
    expect((await world.platform.apps.info('shop')).formation[0]!.size.memory).to.equal(1024 ** 3);
  });

  it('waits for requests in flight before it stops the old release', async () => {
    await world.deploy('shop', 'hello:1');
    world.inFlight = { 'shop/1': 1 };
    const operation = await world.platform.releases.create('shop', { image: 'hello:2' }, caller);
    await world.clock.advance(10_000);
    expect(await world.services()).to.deep.equal({ shop_web_v1: 1, shop_web_v2: 1 });
    world.inFlight = {};
    await world.follow(operation);
    expect(await world.services()).to.deep.equal({ shop_web_v1: 0, shop_web_v2: 1 });
  });

  it('destroys an app with all it has, but only by its name', async () => {
    await world.deploy('shop', 'hello:1');
    expect(await rejection(world.platform.apps.destroy('shop', 'shpo', caller))).to.equal('CONFIRM_MISMATCH');
    await world.platform.apps.destroy('shop', 'shop', caller);
    expect(await world.services()).to.deep.equal({});
    expect(await world.engine.configs({ 'mothership.app': 'shop' })).to.deep.equal([]);
    expect(world.table!.routes.map((route) => route.host)).not.to.include('shop.my.paas');
    expect(await rejection(world.platform.apps.info('shop'))).to.equal('APP_NOT_FOUND');
  });

  it('renames without touching what runs, and gives the old name to another app', async () => {
    await world.deploy('shop', 'hello:1');
    await world.platform.apps.update('shop', { name: 'store' }, caller);
    const second = await world.platform.apps.create({ name: 'shop' }, caller);
    expect(second.id).not.to.equal('shop');
    await world.deploy('shop', 'hello:2');
    await world.clock.advance(10_000);
    expect(world.served('store.my.paas')).to.deep.equal({ 'shop/1': 1 });
    expect(world.served('shop.my.paas')).to.deep.equal({ [`${second.id}/1`]: 1 });
  });
});
