import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { Fleet, FleetDestroy, type FleetParts, type RunOptions } from '../../src/cluster/index.ts';
import type { Engine } from '../../src/engine/index.ts';
import { fail, isMothershipError } from '../../src/errors/index.ts';
import { Secret, type Event, type Host } from '../../src/events/index.ts';
import type { HostNeeds, Machine, MachineRequest, ProvidedMachine, Provider } from '../../src/provision/index.ts';
import { SwarmStore } from '../../src/store/index.ts';
import { refusal } from '../engine/subject.ts';
import { withFaults, type Faults } from '../fakes/fake-engine-faults.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { FakeFiles, FakeFront, FakeMachine, PatientClock, programTrust } from './world.ts';

const CHANGES = [
  'initSwarm',
  'joinSwarm',
  'updateNode',
  'createConfig',
  'updateConfigLabels',
  'createSecret',
  'removeSecret',
  'createService',
  'updateService',
  'pushImage',
  'buildImage',
  'createContainer',
] as const;

/** Three machines with engines in memory, one Swarm when they have joined. */
class FleetWorld implements Provider {
  readonly name: string = 'ssh';
  readonly endsMachines: boolean = false;
  readonly events: Event[] = [];
  readonly prepared: { machine: string; needs: HostNeeds }[] = [];
  readonly engines: FakeEngine[] = [];
  readonly withdrawn: string[] = [];
  readonly clock = new PatientClock();
  token: Secret | undefined;
  faults: Faults = {};
  /** Changes so far, over all engines. */
  changes = 0;

  constructor(
    readonly port: number,
    readonly count = 3,
  ) {
    for (let n = 0; n < count; n += 1) {
      const engine = new FakeEngine({ clock: this.clock, nodes: [], neighbours: this.engines.slice(0, 1) });
      programTrust(engine);
      engine.program(
        (spec) => spec.entrypoint?.[0] === 'openssl',
        ({ files }) => {
          for (const name of ['cert', 'key']) files.set(`/tmp/${name}.pem`, Buffer.from(name));
          return 0;
        },
      );
      engine.program(
        (spec) => spec.entrypoint?.[0] === '/bin/sh' && !spec.command?.[0]?.includes('leaf agent'),
        ({ out }) => {
          for (const line of ['ipvs yes', 'disk 100000000', 'free 50000000', `time ${Math.floor(Date.now() / 1000)}`])
            out(line);
          return 0;
        },
      );
      engine.imageStore.remote = {
        covers: (reference) => reference.startsWith('registry.mothership.internal:5000/'),
        pull: () => undefined,
        push: (_reference, image, { password }) =>
          password.reveal() === 'password of the cluster'
            ? {
                digest: `sha256:${createHash('sha256').update(image.id).digest('hex')}`,
                layers: { pushed: 1, known: 0 },
                bytes: 1,
              }
            : 'unauthorized',
      };
      this.engines.push(engine);
    }
  }

  plan(): Promise<{ title: string }[]> {
    return Promise.resolve([{ title: `Use ${this.count} machines` }]);
  }

  create(request: MachineRequest): Promise<ProvidedMachine[]> {
    return Promise.resolve(this.#machines(request.managers));
  }

  list(): Promise<ProvidedMachine[]> {
    return Promise.resolve(this.#machines(this.count));
  }

  inventory(): ReturnType<Provider['inventory']> {
    return Promise.resolve({ where: 'memory', resources: this.engines.map((_, index) => `machine-${index + 1}`) });
  }

  destroy(): Promise<void> {
    return Promise.resolve();
  }

  remove(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #machines(managers: number): ProvidedMachine[] {
    return this.engines.map((_, index) => {
      const machine = new FakeMachine();
      machine.open.add(5000);
      const name = `machine-${index + 1}`;
      return {
        id: name,
        name,
        machine: Object.assign(machine, { name }) as Machine,
        engine: { host: name, port: index },
        zone: 'abc'[index],
        address: '127.0.0.1',
        privateAddress: `10.0.0.${index + 1}`,
        role: index < managers ? ('manager' as const) : ('worker' as const),
      };
    });
  }

  get parts(): FleetParts {
    const engineAt = (address: unknown): Engine =>
      withFaults(this.engines[(address as { port: number }).port]!, this.faults);
    return {
      provider: this,
      clock: this.clock,
      files: new FakeFiles(),
      version: '1.2.3',
      engineAt,
      host: { notify: (event: Event) => void this.events.push(event), ask: () => Promise.resolve(true) } as Host,
      storeOn: (engine) => new SwarmStore(engine),
      keepMachines: () => Promise.resolve(),
      findToken: () => Promise.resolve(this.token),
      keepToken: ({ token }) => {
        this.token = token;
        return Promise.resolve();
      },
      bootstrap: ({ name }, needs) => {
        this.prepared.push({ machine: name, needs });
        return Promise.resolve();
      },
    };
  }

  setup(managers = this.count, more: Partial<RunOptions> = {}) {
    const options = {
      ...more,
      address: '',
      name: 'mothership',
      httpPort: this.port,
      httpsPort: this.port === 1 ? 2 : 1,
      yes: true,
    };
    return new Fleet(this.parts).run(
      { cluster: 'mothership', managers, workers: this.count - managers, zones: [] },
      options,
    );
  }

  /** Fails this change and all after it, as if setup had been killed there. */
  killAt(n: number): void {
    this.changes = 0;
    const fault = (): Error | undefined =>
      ++this.changes >= n ? fail('ENGINE_UNREACHABLE', { where: 'there', why: 'setup was killed' }) : undefined;
    this.faults = Object.fromEntries(CHANGES.map((name) => [name, fault]));
  }
}

describe('a fleet', () => {
  const front = new FakeFront();
  let port: number;
  before(async () => void (port = await front.start()));
  after(() => front.stop());

  it('becomes one cluster: every node with zone, agent and router, a registry on each manager', async () => {
    const world = new FleetWorld(port);
    const result = await world.setup(1);
    expect(result?.machines.map(({ name, role }) => `${name} ${role}`)).to.deep.equal([
      'machine-1 manager',
      'machine-2 worker',
      'machine-3 worker',
    ]);
    const [engine] = world.engines;
    const nodes = await engine!.nodes();
    expect(nodes.map((node) => [node.role, node.labels['mothership.zone']])).to.deep.equal([
      ['manager', 'a'],
      ['worker', 'b'],
      ['worker', 'c'],
    ]);
    const tasks = async (service: string) => (await engine!.tasks({ service, desired: 'running' })).length;
    expect([
      await tasks('mothership-agent'),
      await tasks('mothership-router'),
      await tasks('mothership-registry'),
      await tasks('mothership-controller'),
    ]).to.deep.equal([3, 3, 1, 1]);
    expect(await new SwarmStore(engine!).cluster.get()).to.deep.include({ nodes: 'many', provider: 'ssh' });
  });

  it('waits for nodes that take many minutes to get their images, but not forever', async () => {
    const slow = new FleetWorld(port);
    slow.engines[0]!.script('mothership-agent', { afterMs: 8 * 60_000 });
    expect((await slow.setup(1))?.machines).to.have.length(3);
    const stuck = new FleetWorld(port);
    stuck.engines[0]!.script('mothership-agent', { state: 'preparing' });
    const began = stuck.clock.now();
    expect((await refusal(stuck.setup(1), 'NODES_NOT_READY')).message).to.contain('is preparing');
    expect(stuck.clock.now() - began).to.be.within(15 * 60_000, 25 * 60_000);
  });

  it('names images by digest in its registry, so that every node can start them', async () => {
    const world = new FleetWorld(port);
    await world.setup();
    const services = await world.engines[0]!.services({});
    expect(services.map(({ name }) => name).sort()).to.deep.equal([
      'mothership-agent',
      'mothership-controller',
      'mothership-registry',
      'mothership-router',
    ]);
    for (const { image, name } of services)
      expect(image, name).to.match(/^registry\.mothership\.internal:5000\/platform\/[a-z]+@sha256:/);
  });

  it('pushes to another registry when it is given one, keeps to it, and takes a new password', async () => {
    const world = new FleetWorld(port, 2);
    const pushed: string[] = [];
    let accepted = 'it';
    world.engines[0]!.imageStore.remote = {
      refuses: ({ password }) => (password.reveal() === accepted ? undefined : 'unauthorized: authentication required'),
      covers: (reference) => reference.startsWith('images.example.com/team/'),
      pull: () => undefined,
      push: (reference, image, { user, password }) => {
        pushed.push(`${user}:${password.reveal()} ${reference}`);
        return {
          digest: `sha256:${createHash('sha256').update(image.id).digest('hex')}`,
          layers: { pushed: 1, known: 0 },
          bytes: 1,
        };
      },
    };
    const externalRegistry = { prefix: 'images.example.com/team', user: 'ship', password: new Secret('it') };
    const wrong = { ...externalRegistry, password: new Secret('wrong') };
    await refusal(world.setup(1, { externalRegistry: wrong }), 'REGISTRY_REFUSED');
    await world.setup(1, { externalRegistry });
    expect(pushed).to.have.length(4);
    expect(pushed.every((line) => line.startsWith('ship:it images.example.com/team/platform/'))).to.equal(true);
    expect((await world.engines[0]!.services({})).map(({ name }) => name)).not.to.include('mothership-registry');
    const held = async () => (await new SwarmStore(world.engines[0]!).cluster.get())?.registry;
    expect(await held()).to.deep.include({ kind: 'external', prefix: 'images.example.com/team', user: 'ship' });
    expect((await world.setup(1))?.steps).to.deep.equal([]);
    const { password: before } = (await held())!;
    accepted = 'another';
    const changed = await world.setup(1, {
      externalRegistry: { ...externalRegistry, password: new Secret('another') },
    });
    expect(changed?.steps.map(({ kind }) => kind)).to.deep.equal(['registry-login', 'record', 'service', 'answer']);
    expect((await held())!.password).to.not.equal(before);
    expect((await world.engines[0]!.secrets({})).map(({ name }) => name)).to.include((await held())!.password);
  });

  it("keeps the registry's images in a bucket when it is given one, and takes new keys", async () => {
    const world = new FleetWorld(port, 2);
    const registryStorage = {
      bucket: 'images',
      region: 'eu-central-1',
      endpoint: 'https://s3.example.com',
      accessKey: new Secret('AKIA'),
      secretKey: new Secret('one'),
    };
    const keys = async (): Promise<string[]> =>
      (await world.engines[0]!.secrets({}))
        .map(({ name }) => name)
        .filter((name) => /registry-(access|secret)-key-/.test(name));
    await world.setup(1, { registryStorage });
    const held = (await new SwarmStore(world.engines[0]!).cluster.get())!.registry!.storage!;
    expect(held).to.include({ bucket: 'images', region: 'eu-central-1', endpoint: 'https://s3.example.com' });
    expect(JSON.stringify(held)).to.not.match(/AKIA|"one"/);
    expect(await keys()).to.have.members([held.accessKey, held.secretKey]);
    expect((await world.setup(1))?.steps).to.deep.equal([]);
    const changed = await world.setup(1, { registryStorage: { ...registryStorage, secretKey: new Secret('two') } });
    expect(changed?.steps.map(({ kind }) => kind)).to.include.members(['registry-keys', 'record', 'service']);
    expect(await keys()).to.have.length(3);
  });

  it('prepares each host for its peers, and for the registry before it joins, first the one that has the images', async () => {
    const world = new FleetWorld(port);
    await world.setup();
    const peers = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
    expect(world.prepared.every(({ needs }) => JSON.stringify(needs.peers) === JSON.stringify(peers))).to.equal(true);
    const { needs } = world.prepared.filter(({ machine }) => machine === 'machine-2').at(-1)!;
    expect(needs.registry).to.deep.include({
      host: 'registry.mothership.internal:5000',
      addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
    });
    expect(needs.registry?.ca.toString()).to.equal('ca.pem of the cluster');
  });

  it('has nothing to do the second time', async () => {
    const world = new FleetWorld(port);
    await world.setup();
    world.killAt(Infinity);
    expect((await world.setup())?.steps).to.deep.equal([]);
    expect(world.changes).to.equal(0);
  });

  it('converges after being killed at any change', async () => {
    for (let n = 1; ; n += 1) {
      const world = new FleetWorld(port, 2);
      world.killAt(n);
      const outcome = await world.setup(1).catch((error: unknown) => error);
      if (world.changes < n) break;
      expect(isMothershipError(outcome), `kill ${n}: ${String(outcome)}`).to.equal(true);
      world.faults = {};
      await world.setup(1);
      expect(
        (await world.setup(1))?.steps.map((step) => step.title),
        `after kill ${n}`,
      ).to.deep.equal([]);
      expect(
        (await world.engines[0]!.nodes()).map(({ state }) => state),
        `after kill ${n}`,
      ).to.deep.equal(['ready', 'ready']);
    }
  });

  it('gives a node its zone though Swarm itself changes the node at that moment', async () => {
    const world = new FleetWorld(port, 2);
    let refusals = 2;
    world.faults = { updateNode: () => (refusals-- > 0 ? fail('CONFLICT', { what: 'node machine-2' }) : undefined) };
    await world.setup(1);
    expect((await world.engines[0]!.nodes()).map(({ labels }) => labels['mothership.zone'])).to.deep.equal(['a', 'b']);
  });

  it('takes over no machine of another Swarm', async () => {
    const world = new FleetWorld(port, 2);
    world.engines[1] = new FakeEngine({ nodes: [{ id: 'somebody-elses' }] });
    const outcome = await world.setup(1).catch((error: unknown) => error);
    expect(isMothershipError(outcome, 'NODE_IN_OTHER_SWARM'), String(outcome)).to.equal(true);
    expect((await world.engines[1]!.info()).swarm).to.equal('manager');
  });

  it("says which machine a host's failure is of", async () => {
    const world = new FleetWorld(port, 2);
    const parts: FleetParts = {
      ...world.parts,
      bootstrap: ({ name }) =>
        name === 'machine-2'
          ? Promise.reject(fail('ENGINE_UNREACHABLE', { where: 'it', why: 'no' }))
          : Promise.resolve(),
    };
    const outcome = await new Fleet(parts)
      .run({ cluster: 'mothership', managers: 1, workers: 1, zones: [] }, { address: '', yes: true })
      .catch((error: unknown) => error);
    expect(isMothershipError(outcome, 'MACHINE_FAILED')).to.equal(true);
    expect((outcome as Error).message).to.match(/^machine-2: /);
  });

  it('shows its plan first and makes nothing when only that is wanted', async () => {
    const world = new FleetWorld(port);
    const result = await new Fleet(world.parts).run(
      { cluster: 'mothership', managers: 3, workers: 0, zones: [] },
      { address: '', planOnly: true },
    );
    expect(result).to.equal(undefined);
    expect(world.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []))[0]).to.equal(
      '1. Use 3 machines',
    );
    expect(world.prepared).to.deep.equal([]);
  });

  it('is destroyed down to the last node', async () => {
    const world = new FleetWorld(port);
    await world.setup();
    const destroy = new FleetDestroy({
      ...world.parts,
      unprepare: ({ name }) => Promise.resolve(void world.withdrawn.push(name)),
    });
    expect((await destroy.observe('mothership', { images: true }))?.name).to.equal('mothership');
    await destroy.run('mothership', { images: true, keepSwarm: false });
    for (const engine of world.engines) {
      expect((await engine.info()).swarm).to.equal('inactive');
      expect([
        await engine.containers({}),
        await engine.volumes({}),
        await engine.images({ 'mothership.kind': '' }),
      ]).to.deep.equal([[], [], []]);
    }
    expect(world.withdrawn).to.deep.equal(['machine-1', 'machine-2', 'machine-3']);
  });

  it('is destroyed though setup was interrupted before a host had an engine', async () => {
    const world = new FleetWorld(port);
    await world.setup(1);
    const { engineAt } = world.parts;
    const destroy = new FleetDestroy({
      ...world.parts,
      engineAt: (address) =>
        (address as { port: number }).port < 2
          ? engineAt(address)
          : withFaults(world.engines[2]!, {
              info: () => fail('ENGINE_UNREACHABLE', { where: 'it', why: 'no docker' }),
            }),
      unprepare: ({ name }) => Promise.resolve(void world.withdrawn.push(name)),
    });
    await destroy.run('mothership', { images: true, keepSwarm: false });
    expect(world.withdrawn).to.have.members(['machine-1', 'machine-2', 'machine-3']);
    expect((await world.engines[0]!.info()).swarm).to.equal('inactive');
  });

  it('tells of its machines before the first one is made, and only after a yes', async () => {
    const told: string[] = [];
    for (const answer of [false, true]) {
      const world = new FleetWorld(port);
      world.create = () => Promise.reject(fail('CANCELLED', { what: `after ${told.join()}` }));
      const parts: FleetParts = {
        ...world.parts,
        host: { notify: () => undefined, ask: () => Promise.resolve(answer) } as Host,
        keepMachines: () => Promise.resolve(void told.push('kept')),
      };
      const run = new Fleet(parts).run({ cluster: 'mothership', managers: 3, workers: 0, zones: [] }, { address: '' });
      expect((await refusal(run, 'CANCELLED')).message).to.contain(answer ? 'after kept' : 'Setup');
    }
  });
});
