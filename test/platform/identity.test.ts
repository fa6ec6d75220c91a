import { expect } from 'chai';
import { NodePruning } from '../../src/nodes/care/prune-nodes.ts';
import { startOnNode } from '../../src/nodes/care/node-job.ts';
import { Builder } from '../../src/builds/builder.ts';
import { observeObjects } from '../../src/cluster/destroy/destroy-plan.ts';
import { tidy } from '../../src/cluster/setup/tidy.ts';
import type { ClusterSpec } from '../../src/cluster/setup/cluster-spec.ts';
import { generationId, serviceName } from '../../src/rollout/generation.ts';
import { planRollout } from '../../src/rollout/index.ts';
import { archiveOf } from '../builds/archive-of.ts';
import { caller, outcome, rejection, World } from './world.ts';

/** `shop` and `shop-2`, each with one release. */
async function worldOfTwo(): Promise<World> {
  const world = await World.create();
  for (const name of ['shop', 'shop-2']) {
    await world.platform.apps.create({ name }, caller);
    await world.deploy(name, 'hello:1');
  }
  return world;
}

describe('apps whose names continue with a number', () => {
  let world: World;

  /** `shop` runs v2 for the second time, `shop-2` v2 for the first: both were `shop-2-2` once. */
  beforeEach(async () => {
    world = await worldOfTwo();
    await world.deploy('shop', 'hello:2');
    await world.follow(await world.platform.ps.restart('shop', {}, caller));
    await world.deploy('shop-2', 'hello:2');
  });
  afterEach(() => world.close());

  const peers = (host: string): string[] =>
    world
      .table!.routes.find((route) => route.host === host)!
      .releases.flatMap((release) => release.peers.map((peer) => peer.host));

  it('get only their own requests', async () => {
    await world.clock.advance(5_000);
    expect(world.served('shop.my.paas')).to.deep.equal({ 'shop/2.2': 1 });
    expect(world.served('shop-2.my.paas')).to.deep.equal({ 'shop-2/2': 1 });
    expect(peers('shop.my.paas')).not.to.have.members(peers('shop-2.my.paas'));
  });

  it('list and reach only their own processes', async () => {
    const ids = await Promise.all(
      ['shop', 'shop-2'].map(async (app) => (await world.platform.ps.list(app)).map(({ id }) => id)),
    );
    expect(ids.map((list) => list.length)).to.deep.equal([1, 1]);
    expect(ids[0]).not.to.deep.equal(ids[1]);
  });

  it('are not up because the other one is', async () => {
    world.engine.script(/^shop-2_web_v3/, { state: 'preparing' });
    const deploy = await world.platform.releases.create('shop-2', { image: 'hello:1' }, caller);
    await world.deploy('shop', 'hello:1');
    await world.clock.advance(20_000);
    expect((await world.platform.operations.info(deploy.id)).state).to.equal('running');
    world.engine.script(/^shop-2_web_v3/, { state: 'running' });
    expect(outcome((await world.follow(deploy)).ending)).to.equal('done');
  });

  it('are drained, retired, swept and destroyed alone', async () => {
    await world.deploy('shop', 'hello:1');
    await world.deploy('shop', 'hello:2');
    await world.clock.advance(60_000);
    expect(await world.services()).to.deep.equal({
      ...{ shop_web_v3: 0, shop_web_v4: 1 },
      ...{ 'shop-2_web_v1': 0, 'shop-2_web_v2': 1 },
    });
    await world.platform.apps.destroy('shop', 'shop', caller);
    await world.clock.advance(60_000);
    expect(await world.services()).to.deep.equal({ 'shop-2_web_v1': 0, 'shop-2_web_v2': 1 });
    expect(world.served('shop-2.my.paas')).to.deep.equal({ 'shop-2/2': 1 });
  });
});

describe('apps whose names and process types read the same in a row', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
    for (const image of ['run', 'build']) world.engine.imageStore.add(image);
    // As the engine does with the same files and the same cache.
    world.engine.imageStore.builder = () => ({ lines: [], image: { id: 'sha256:same' } });
    for (const [name, type] of [
      ['shop', 'web-web'],
      ['shop-web', 'web'],
    ] as const) {
      await world.platform.apps.create({ name }, caller);
      const archive = archiveOf({ Dockerfile: 'FROM scratch\n', Procfile: `${type}: serve\n` });
      const build = await world.platform.builds.create(name, { archive, options: {} }, caller);
      expect(outcome((await world.follow(build)).ending), name).to.equal('done');
      await world.follow(await world.platform.formation.update(name, { updates: [{ type, quantity: 1 }] }, caller));
    }
  });
  afterEach(() => world.close());

  it('run next to each other', async () => {
    expect(await world.services()).to.deep.equal({ 'shop_web-web_v1': 1, 'shop-web_web_v1': 1 });
    expect((await world.platform.ps.list('shop')).map(({ name }) => name)).to.deep.equal(['web-web.1']);
    expect((await world.platform.ps.list('shop-web')).map(({ name }) => name)).to.deep.equal(['web.1']);
  });

  it('leave no image behind, even if they share one', async () => {
    const tags = async (): Promise<string[]> =>
      (await world.engine.images({ 'mothership.kind': 'app-image' })).flatMap((image) =>
        image.tags.map((tag) => tag.split(':')[0]!),
      );
    expect(await tags()).to.have.members(['mothership-app/shop', 'mothership-app/shop-web']);
    await world.platform.apps.destroy('shop', 'shop', caller);
    await world.clock.advance(5_000);
    expect(await tags()).to.deep.equal(['mothership-app/shop-web']);
    await world.platform.apps.destroy('shop-web', 'shop-web', caller);
    await world.clock.advance(5_000);
    expect(await tags()).to.deep.equal([]);
  });
});

describe('services of version 0.1', () => {
  let world: World;

  beforeEach(async () => {
    world = await worldOfTwo();
    for (const name of ['shop', 'shop-2']) await former(name);
  });
  afterEach(() => world.close());

  /** Replaces the live service by one with the name and the labels that it had. */
  async function former(app: string): Promise<void> {
    const live = (await world.store.apps.byId(app))!.live!;
    const [{ record: release } = expect.fail('no release')] = await world.store.releases.list(app);
    const formation = { web: { quantity: 1, memoryBytes: 512 * 1024 ** 2, cpus: 1 } };
    const networks = {
      app: (await world.engine.network(`app-${app}`))!.id,
      proxy: (await world.engine.network('mothership-proxy'))!.id,
    };
    const input = {
      app: { id: app, name: app },
      target: live,
      release,
      formation,
      port: 5000,
      networks,
      confined: true,
    };
    const spec = planRollout(input).create[0]!;
    const labels = { ...spec.labels, 'mothership.generation': generationId(app, live).replace('/', '-') };
    await world.engine.removeService(serviceName(app, 'web', live));
    await world.engine.createService({ ...spec, name: `${app}-web-v1`, labels, containerLabels: labels });
  }

  it('are listed, routed, scaled, retired and destroyed like any other', async () => {
    await world.until(() => world.served('shop.my.paas')['shop/1'] === 1);
    expect(await world.platform.ps.list('shop')).to.have.length(1);
    const scaled = await world.platform.formation.update('shop', { updates: [{ type: 'web', quantity: 2 }] }, caller);
    expect(outcome((await world.follow(scaled)).ending)).to.equal('done');
    expect(await world.services()).to.include({ 'shop-web-v1': 2 });
    await world.clock.advance(20_000);
    await world.deploy('shop', 'hello:2');
    expect(await world.services()).to.include({ 'shop-web-v1': 0, shop_web_v2: 2, 'shop-2-web-v1': 1 });
    await world.platform.apps.destroy('shop', 'shop', caller);
    expect(await world.services()).to.deep.equal({ 'shop-2-web-v1': 1 });
  });
});

describe('labels of an image', () => {
  let world: World;
  const forged = {
    'mothership.app': 'shop',
    'mothership.type': 'run.6666',
    'mothership.cluster': 'test',
    'mothership.generation': 'shop/1',
    'com.docker.swarm.task.name': 'shop_web_v1.1.abc',
  };

  beforeEach(async () => {
    world = await World.create();
    await world.platform.apps.create({ name: 'shop' }, caller);
    await world.deploy('shop', 'hello:1');
  });
  afterEach(() => world.close());

  /** A container as a step of a Dockerfile gets it: its labels are the image's, and Docker chooses its name. */
  async function step(labels: Readonly<Record<string, string>>): Promise<string> {
    const tag = `evil:${labels['mothership.kind']}`;
    world.engine.imageStore.add(tag, { labels: { ...forged, ...labels } });
    world.engine.program(
      (spec) => spec.image === tag,
      ({ killed }) => new Promise((resolve) => killed.addEventListener('abort', () => resolve(0))),
    );
    const id = await world.engine.createContainer({ image: tag, labels: {}, env: {}, networks: [{ id: 'none' }] });
    await world.engine.startContainer(id);
    return id;
  }

  async function survives(id: string): Promise<void> {
    expect((await world.engine.container(id))?.running, 'still runs').to.equal(true);
  }

  it("make no one-off of another app's, whatever they say", async () => {
    const id = await step({ 'mothership.kind': 'run', 'mothership.release': 'NaN' });
    const { ps } = world.platform;
    expect((await ps.list('shop')).map(({ name }) => name)).to.deep.equal(['web.1']);
    expect(await rejection(ps.exec('shop', { ps: 'run.6666' }, caller))).to.equal('PROCESS_NOT_FOUND');
    expect(await rejection(ps.stop('shop', { target: 'run.6666' }, caller))).to.equal('RUN_NOT_RUNNING');
    expect(await world.platform.run.list('shop')).to.deep.equal([]);
    const lines = [];
    for await (const line of world.platform.logs('shop', {}, new AbortController().signal)) lines.push(line.ps);
    expect(lines).not.to.include('run.6666');
    await world.platform.apps.destroy('shop', 'shop', caller);
    await survives(id);
  });

  it('make no platform container that work on nodes would trust, or that the platform removes', async () => {
    const kinds = ['agent', 'controller', 'build', 'build-guard', 'probe', 'forward', 'process'];
    const ids = await Promise.all(kinds.map((kind) => step({ 'mothership.kind': kind })));
    const job = {
      name: 'mothership-node-care',
      cluster: 'test',
      command: ['true'],
      mounts: [],
      network: 'host',
    } as const;
    expect(await rejection(startOnNode(world.engine, job))).to.equal('NODE_UNREACHABLE');
    await new Builder({ engine: world.engine, clock: world.clock }).cleanUp();
    await tidy(world.engine, { images: {} } as ClusterSpec);
    const { objects } = await observeObjects(world.engine, world.store);
    expect(objects.containers).to.deep.equal([]);
    for (const id of ids) await survives(id);
  });

  it('do not hide a process from what destroys the cluster', async () => {
    const name = `shop_web_v1.1.${'t'.repeat(25)}`;
    world.engine.imageStore.add('hidden:1', { labels: { 'mothership.practice': 'node' } });
    await world.engine.createContainer({
      ...{ name, image: 'hidden:1', env: {}, networks: [] },
      labels: { 'mothership.kind': 'process', 'mothership.app': 'shop' },
    });
    const { objects } = await observeObjects(world.engine, world.store);
    expect(objects.containers.map((container) => container.name)).to.deep.equal([name]);
  });

  it("do not make somebody's own image the platform's to remove", async () => {
    const createdAt = '2026-01-01T00:00:00.000Z';
    const labels = { 'mothership.kind': 'app-image', 'mothership.app': 'shop' };
    world.engine.imageStore.add('acme/based-on-shop:1', { createdAt, labels });
    const { engine, store, clock } = world;
    const [node] = await engine.nodes();
    const engines = { all: () => Promise.resolve([{ node: node!, engine }]) };
    await new NodePruning({ engine, engines, store, clock, logger: console } as never).once();
    expect(await engine.image('acme/based-on-shop:1')).not.to.equal(undefined);
    const { objects } = await observeObjects(engine, store);
    expect(objects.images.map(({ ref }) => ref)).not.to.include('acme/based-on-shop:1');
  });
});

describe('names under a default domain', () => {
  it('belong to its app, whichever came first', async () => {
    const world = await World.create();
    try {
      const { apps, domains } = world.platform;
      for (const name of ['shop', 'blog']) await apps.create({ name }, caller);
      const claim = (app: string, domain: string): Promise<string> => rejection(domains.add(app, domain, caller));
      expect(await claim('shop', '*.blog.my.paas')).to.equal('DOMAIN_RESERVED');
      expect(await claim('shop', 'x.mothership.my.paas')).to.equal('DOMAIN_RESERVED');
      expect(await claim('blog', '*.blog.my.paas')).to.equal('none');
      expect(await claim('shop', 'x.new.my.paas')).to.equal('none');
      expect(await rejection(apps.create({ name: 'new' }, caller))).to.equal('DOMAIN_TAKEN');
      expect(await rejection(apps.update('blog', { name: 'new' }, caller))).to.equal('DOMAIN_TAKEN');
      await domains.remove('shop', 'x.new.my.paas', caller);
      expect(await rejection(apps.update('blog', { name: 'new' }, caller))).to.equal('none');
    } finally {
      await world.close();
    }
  });
});
