import { expect } from 'chai';
import { Destroy } from '../../src/cluster/index.ts';
import { trust, TRUST_OBJECTS } from '../../src/cluster/names.ts';
import { describeRemovals, observeObjects, planDestroy } from '../../src/cluster/destroy/destroy-plan.ts';
import type { Engine } from '../../src/engine/index.ts';
import { fail, isMothershipError } from '../../src/errors/index.ts';
import { systemClock } from '../../src/events/index.ts';
import { SwarmStore } from '../../src/store/index.ts';
import { withFaults, type Faults } from '../fakes/fake-engine-faults.ts';
import { FakeFront, PatientClock, World } from './world.ts';

/** Calls that change something; a kill may come at any of them. */
const CHANGES = [
  'initSwarm',
  'createConfig',
  'updateConfigLabels',
  'createSecret',
  'removeSecret',
  'createNetwork',
  'createService',
  'updateService',
  'createContainer',
  'startContainer',
  'removeContainer',
  'importImage',
  'buildImage',
  'tagImage',
  'removeImage',
  'createVolume',
] as const;

/** The engine until its `n`th change, which fails as everything after it does: as if setup had been killed there. */
function killedAt(engine: Engine, n: number): { engine: Engine; killed: () => boolean } {
  let count = 0;
  const fault = (): Error | undefined =>
    ++count >= n ? fail('ENGINE_UNREACHABLE', { where: 'here', why: 'setup was killed' }) : undefined;
  return {
    engine: withFaults(engine, Object.fromEntries(CHANGES.map((name) => [name, fault])) as Faults),
    killed: () => count >= n,
  };
}

describe('setup', () => {
  const front = new FakeFront();
  let port: number;
  before(async () => void (port = await front.start()));
  after(() => front.stop());

  it('makes a cluster from a bare engine and then has nothing more to do', async () => {
    const world = new World(port);
    const first = await world.setup();
    expect(first.url).to.equal(`http://mothership.localhost:${port}`);
    expect(world.kept?.token.reveal()).to.equal(first.token?.reveal());
    const again = await world.setup();
    expect(again.steps).to.deep.equal([]);
    expect(again.token).to.equal(undefined);
    expect(world.notices.at(-1)).to.equal('Nothing to do: the cluster is up to date.');
  });

  it('converges after being killed at any change', async () => {
    for (let n = 1; ; n += 1) {
      const world = new World(port);
      const { engine, killed } = killedAt(world.engine, n);
      const outcome = await world.setup({}, engine).catch((error: unknown) => error);
      if (!killed()) break;
      expect(isMothershipError(outcome, 'ENGINE_UNREACHABLE'), `kill ${n}: ${String(outcome)}`).to.equal(true);
      await world.setup();
      expect(
        (await world.setup()).steps.map((step) => step.title),
        `after kill ${n}`,
      ).to.deep.equal([]);
      await expectWhole(world, n);
    }
  });

  it('warns of engines that cannot set no-new-privileges on services', async () => {
    const world = new World(port);
    const older = (engine: Engine): Engine =>
      Object.create(engine, {
        nodes: {
          value: async () => (await engine.nodes()).map((node) => ({ ...node, engineVersion: '20.10.24+dfsg1' })),
        },
      }) as Engine;
    await world.setup();
    expect(world.notices.join()).not.to.include('no-new-privileges');
    await world.setup({}, older(world.engine));
    expect(world.notices.at(-1)).to.match(/^Docker 20\.10\.24\S* on node-1 cannot set no-new-privileges.*Upgrade/);
  });

  it('drops images of older recipes', async () => {
    const world = new World(port);
    await world.setup();
    world.files.controller = 'version 2';
    await world.setup();
    const tags = (await world.engine.images({})).flatMap((image) => image.tags);
    expect(tags.filter((tag) => tag.startsWith('mothership/controller:'))).to.have.length(1);
  });

  it('stops between steps when it is told to, and says so', async () => {
    const world = new World(port);
    const abort = new AbortController();
    const engine = withFaults(world.engine, { createNetwork: () => void abort.abort() });
    const outcome = await world.setup({}, engine, abort.signal).catch((error: unknown) => error);
    expect(isMothershipError(outcome, 'SETUP_INTERRUPTED')).to.equal(true);
    expect(await world.engine.services({})).to.deep.equal([]);
  });

  it('shows the plan before it asks, and does nothing after a no', async () => {
    const world = new World(port);
    world.answers.push(false);
    const outcome = await world.setup({ yes: false }).catch((error: unknown) => error);
    expect(isMothershipError(outcome, 'CANCELLED')).to.equal(true);
    expect(world.notices[0]).to.match(/^1\. Initialize a one-node Swarm/);
    expect((await world.engine.info()).swarm).to.equal('inactive');
  });

  it('takes the base from a registry when one answers', async () => {
    const world = new World(port);
    world.engine.imageStore.publish('debian:trixie-slim');
    await world.setup();
    expect(world.machine.ran).to.deep.equal([]);
  });

  it("bootstraps the base from the machine's own mirror when no registry answers", async () => {
    const world = new World(port);
    await world.setup();
    const argv = world.machine.ran.find(([file, second]) => file === 'mmdebstrap' && second !== '--version')!;
    expect(argv.slice(argv.indexOf('trixie'))).to.deep.equal([
      'trixie',
      '-',
      'deb http://mirror.test/debian trixie main',
      'deb http://mirror.test/debian trixie-updates main',
    ]);
  });

  it('leaves no half base behind when the bootstrap fails', async () => {
    const world = new World(port);
    world.machine.bootstrap = { code: 1, output: 'half', stderr: 'E: cannot reach the mirror' };
    const outcome = await world.setup().catch((error: unknown) => error as Error);
    expect((outcome as Error).message)
      .to.contain('E: cannot reach the mirror')
      .and.contain('pulling failed');
    expect(await world.engine.images({})).to.deep.equal([]);
  });

  it('chooses host ports where the kernel has no IPVS, the mesh where it has', async () => {
    for (const [ipvs, replicas, publish] of [
      [false, 'global', 'host'],
      [true, 1, 'ingress'],
    ] as const) {
      const world = new World(port);
      world.ipvs = ipvs;
      await world.setup();
      expect((await world.engine.service('mothership-router'))?.replicas).to.equal(replicas);
      expect((await new SwarmStore(world.engine).cluster.get())?.publish).to.equal(publish);
      expect(world.notices.some((notice) => notice.includes('no IPVS'))).to.equal(!ipvs);
    }
  });

  it('takes another proxy network when the machine is in the first one', async () => {
    const world = new World(port);
    world.machine.addresses = () => Promise.resolve(['10.64.3.4']);
    const subnets: (string | undefined)[] = [];
    const engine = withFaults(world.engine, { createNetwork: ({ subnet }) => void subnets.push(subnet) });
    await world.setup({}, engine);
    expect(subnets).to.deep.equal([undefined, '10.112.0.0/16']);
  });

  it('says loudly which node does not keep web processes apart', async () => {
    const world = new World(port);
    front.isolation = [{ node: 'fake', enforced: false, why: 'Operation not supported' }];
    try {
      await world.setup({}, world.engine, undefined, new PatientClock());
    } finally {
      front.isolation = [];
    }
    expect(world.notices).to.include(
      "NOT ENFORCED: on fake, apps can connect to each other's web processes (Operation not supported).",
    );
  });

  it('says which node forbids the user namespaces that Dockerfile builds need', async () => {
    const said = async (report: unknown): Promise<string[]> => {
      const world = new World(port);
      front.report = report;
      try {
        await world.setup();
      } finally {
        front.report = null;
      }
      return world.notices.filter((notice) => notice.includes('user namespaces'));
    };
    expect(await said({ missingSysctls: ['kernel.unprivileged_userns_clone=1'] })).to.deep.equal([
      'node-1: unprivileged user namespaces are forbidden, so Dockerfile builds fail. Allow them: on node-1, run ' +
        '`sysctl -w kernel.unprivileged_userns_clone=1`, and add the same to /etc/sysctl.d/.',
    ]);
    expect(await said({ missingSysctls: [] })).to.deep.equal([]);
    expect(await said({}), 'an agent of an earlier version').to.deep.equal([]);
  });

  it('says what the failing image last printed', async () => {
    const world = new World(port);
    world.engine.imageStore.platformBuilder = (_context, { tag }) =>
      tag.includes('/router:')
        ? { lines: ['Step 2/2 : RUN apt-get', 'E: no such package'], error: 'RUN apt-get failed' }
        : { lines: [] };
    const outcome = await world.setup().catch((error: unknown) => error as Error);
    expect(isMothershipError(outcome, 'SETUP_IMAGE_FAILED')).to.equal(true);
    expect((outcome as Error).message)
      .to.contain('"router"')
      .and.contain('E: no such package');
  });
});

describe('cluster:destroy', () => {
  const front = new FakeFront();
  let port: number;
  before(async () => void (port = await front.start()));
  after(() => front.stop());

  const destroyer = (engine: Engine): Destroy =>
    new Destroy({
      engine,
      store: new SwarmStore(engine),
      clock: systemClock,
      where: 'here',
      host: { notify: () => undefined, ask: () => Promise.resolve(true) as never },
    });

  async function cluster(): Promise<World> {
    const world = new World(port);
    await world.setup();
    await world.engine.createVolume({
      name: 'mothership-cache-shop',
      labels: { 'mothership.kind': 'build-cache', 'mothership.app': 'shop' },
    });
    await world.engine.createVolume({ name: 'somebody-elses', labels: {} });
    return world;
  }

  it('plans groups so that nothing is removed before what uses it', async () => {
    const world = await cluster();
    const observed = await observeObjects(world.engine, new SwarmStore(world.engine));
    const plan = planDestroy(observed, { images: true, keepSwarm: false });
    expect(
      plan.map((step) => (step.kind === 'remove' ? `${step.group} ${step.objects.length}` : step.kind)),
    ).to.deep.equal([
      'services 3',
      'firewall',
      'networks 2',
      'secrets 13',
      'volumes 3',
      'images 5',
      'configs 5',
      'leave-swarm',
    ]);
  });

  it('leaves the engine as it was before setup', async () => {
    const world = await cluster();
    await destroyer(world.engine).run('mothership', { images: true, keepSwarm: false });
    expect((await world.engine.info()).swarm).to.equal('inactive');
    expect(await world.engine.volumes({})).to.deep.equal([{ name: 'somebody-elses', labels: {} }]);
    expect(await world.engine.networks({})).to.deep.equal([]);
    expect(await world.engine.images({})).to.deep.equal([]);
    expect(await world.engine.containers({})).to.deep.equal([]);
  });

  it('removes the bridge of the Swarm once the engine no longer uses it', async () => {
    const world = await cluster();
    const bridge = await world.engine.createNetwork({ name: 'docker_gwbridge', driver: 'bridge', labels: {} });
    let refusals = 2;
    const busy = withFaults(world.engine, {
      removeNetwork: (nameOrId) =>
        nameOrId === 'docker_gwbridge' && refusals-- > 0
          ? fail('ENGINE_FAILED', { action: 'remove network docker_gwbridge', why: 'it has active endpoints' })
          : undefined,
    });
    await destroyer(busy).run('mothership', { images: true, keepSwarm: false });
    expect((await world.engine.networks({})).map(({ id }) => id)).to.not.include(bridge);
  });

  it('keeps images and Swarm when told so, and a Swarm that others use always', async () => {
    const kept = await cluster();
    await destroyer(kept.engine).run('mothership', { images: false, keepSwarm: true });
    expect((await kept.engine.info()).swarm).to.equal('manager');
    expect(await kept.engine.configs({})).to.deep.equal([]);
    expect(await kept.engine.images({})).to.have.length(5);

    const shared = await cluster();
    const image = shared.engine.imageStore.add('other/image');
    await shared.engine.createService({
      name: 'other',
      labels: {},
      image,
      env: {},
      networks: [],
      replicas: 1,
      endpointMode: 'dnsrr',
      restart: { condition: 'any', delayMs: 1 },
    });
    await destroyer(shared.engine).run('mothership', { images: true, keepSwarm: false });
    expect((await shared.engine.services({})).map((service) => service.name)).to.deep.equal(['other']);
  });

  it('counts images only if it removes them, and finds no cluster where only images are left', async () => {
    const world = await cluster();
    const observed = await observeObjects(world.engine, new SwarmStore(world.engine));
    const [removed, kept] = [true, false].map((images) => describeRemovals(observed, { images, keepSwarm: false }));
    expect(removed).to.contain('3 services').and.contain('5 images');
    expect(kept).to.contain('3 services').and.not.contain('images');
    const destroy = destroyer(world.engine);
    await destroy.run('mothership', { images: false, keepSwarm: false });
    const again = await destroy.run('mothership', { images: false, keepSwarm: false }).catch((error: unknown) => error);
    expect(isMothershipError(again, 'CLUSTER_NOT_FOUND')).to.equal(true);
    expect(await destroy.run('mothership', { images: true, keepSwarm: false })).to.deep.include({
      removed: { images: 5 },
    });
  });

  it('goes on after an interruption anywhere', async () => {
    const removals = [
      'removeService',
      'removeNetwork',
      'removeSecret',
      'removeVolume',
      'removeImage',
      'removeConfig',
      'leaveSwarm',
    ] as const;
    for (const name of removals) {
      const world = await cluster();
      const broken = withFaults(world.engine, {
        [name]: () => fail('ENGINE_UNREACHABLE', { where: 'here', why: 'killed' }),
      } as Faults);
      const outcome = await destroyer(broken)
        .run('mothership', { images: true, keepSwarm: false })
        .catch((error: unknown) => error);
      expect(isMothershipError(outcome, 'ENGINE_UNREACHABLE'), name).to.equal(true);
      await destroyer(world.engine).run('mothership', { images: true, keepSwarm: false });
      expect((await world.engine.info()).swarm, name).to.equal('inactive');
      expect(await world.engine.images({}), name).to.deep.equal([]);
    }
  });

  it('wants the right name, and a cluster', async () => {
    const world = await cluster();
    const code = async (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => 'done',
        (error: { code?: string }) => error.code,
      );
    expect(await code(destroyer(world.engine).run('other', { images: false, keepSwarm: false }))).to.equal(
      'CONFIRM_MISMATCH',
    );
    expect(await world.engine.services({})).to.have.length(3);
    expect(await code(destroyer(new World(port).engine).observe({ images: true }))).to.equal('CLUSTER_NOT_FOUND');
  });
});

/** One of each, with what belongs to it. */
async function expectWhole(world: World, n: number): Promise<void> {
  const { engine } = world;
  expect((await engine.services({})).map((service) => service.name).sort(), `kill ${n}`).to.deep.equal([
    'mothership-agent',
    'mothership-controller',
    'mothership-router',
  ]);
  expect((await engine.networks({})).map((network) => network.name).sort()).to.deep.equal([
    'mothership-control',
    'mothership-proxy',
  ]);
  const trusted = TRUST_OBJECTS.filter((name) => name !== trust.ca && name !== trust.registryLogin);
  expect((await engine.secrets({})).map((secret) => secret.name.replace(/-[0-9a-f]{8}$/, ''))).to.have.members([
    'mothership-api-key',
    'mothership-router-token',
    'mothership-tls-cert',
    'mothership-tls-key',
    ...trusted,
  ]);
  expect(await new SwarmStore(engine).tokens.list(), `kill ${n}`).to.have.length(1);
  expect(await engine.containers({}), `kill ${n}`).to.have.length(0);
  const tags = (await engine.images({})).flatMap((image) => image.tags);
  expect(
    tags.filter((tag) => /draft/.test(tag)),
    `kill ${n}`,
  ).to.deep.equal([]);
}
