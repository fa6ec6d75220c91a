import { expect } from 'chai';
import { serviceJson } from '../../src/engine/services/service-spec.ts';
import { reveal } from '../../src/events/index.ts';
import { planDetached } from '../../src/processes/one-offs/detached.ts';
import { LocalEngines, type NodeEngines } from '../../src/nodes/engines/node-engines.ts';
import type { ObservedRun } from '../../src/processes/one-offs/observe-runs.ts';
import { planRunSweep } from '../../src/processes/one-offs/run-sweep.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { caller, outcome, rejection, World } from '../platform/world.ts';
import { release } from '../rollout/plan.test.ts';

const HOUR = 3_600_000;

describe('a one-off in the background', () => {
  const input = {
    ...{ app: { id: 'shop', name: 'shop' }, release, name: 'run.1234', command: ['echo', 'a b'], env: { A: '{{.}}' } },
    ...{ size: { memoryBytes: 512 * 2 ** 20, cpus: 1 }, port: 5000, network: 'net', image: undefined, confined: true },
  };

  it('is a service with one task that Swarm never starts again, limited like other one-offs', () => {
    const spec = planDetached(input);
    expect(spec.name).to.equal('shop_run-1234');
    expect(spec.labels).to.deep.equal(spec.containerLabels).and.deep.include({
      'mothership.kind': 'detached',
      'mothership.type': 'run.1234',
      'mothership.command': "echo 'a b'",
    });
    expect(reveal(spec.env['A']!)).to.equal('{{"{{"}}.}}');
    const json = serviceJson(spec, { knowsNoNewPrivileges: true }) as { TaskTemplate: Record<string, object> };
    expect(json)
      .to.have.property('Mode')
      .that.deep.equals({ Replicated: { Replicas: 1 } });
    expect(json.TaskTemplate).to.deep.include({
      RestartPolicy: { Condition: 'none', Delay: 0 },
      LogDriver: { Name: 'json-file', Options: { 'max-size': '10m', 'max-file': '3' } },
    });
    expect(json.TaskTemplate['ContainerSpec']).to.deep.include({
      Healthcheck: { Test: ['NONE'] },
      CapabilityDrop: ['ALL'],
      Privileges: { NoNewPrivileges: true },
      StopGracePeriod: 30e9,
    });
    expect(json.TaskTemplate['Resources']).to.deep.include({
      Limits: { MemoryBytes: 512 * 2 ** 20, NanoCPUs: 1e9, Pids: 1024 },
    });
  });

  it('names the image as a registry does, for nodes that have to pull it', () => {
    expect(planDetached({ ...input, image: { reference: 'registry/apps/shop@sha256:abc' } }).image).to.equal(
      'registry/apps/shop@sha256:abc',
    );
  });

  it('is swept a day after its end, or as soon as fifty later ones of the app have ended', () => {
    const now = Date.parse('2026-11-24T12:00:00Z');
    const run = (name: string, ago: number, change: Partial<ObservedRun> = {}): ObservedRun => ({
      ...{ name, app: 'shop', release: 1, command: '', detached: true, state: 'ended', detail: '', exitCode: 0 },
      ...{ createdAt: '', since: new Date(now - ago).toISOString(), limits: {}, node: 'n', container: 'c' },
      ...{ service: name, addresses: {}, ...change },
    });
    const swept = (runs: ObservedRun[]): string[] => planRunSweep(runs, now).map(({ name }) => name);
    expect(
      swept([
        run('old', 25 * HOUR),
        run('young', 23 * HOUR),
        run('running', 99 * HOUR, { state: 'up' }),
        run('container', 2 * HOUR, { service: undefined }),
        run('attached', 2 * HOUR, { service: undefined, state: 'up' }),
      ]),
    ).to.have.members(['old', 'container']);
    const many = Array.from({ length: 52 }, (_, n) => run(`${n}`, n * 1000));
    expect(swept([...many, run('other', HOUR, { app: 'blog' })])).to.deep.equal(['50', '51']);
  });
});

describe('one-offs on another node', () => {
  it('are stopped there, and containers that a controller left there are found and stopped', async () => {
    const other = new FakeEngine();
    const asked: string[] = [];
    const world = await World.create(
      { nodes: [{ hostname: 'one' }, { hostname: 'two' }] },
      {},
      undefined,
      (local): NodeEngines => {
        const on = async (id: string) => (asked.push(id), id === two?.id ? other : local);
        const all = async () => [
          { node: one!, engine: local },
          { node: two!, engine: other },
        ];
        const [one, two] = local.nodeList.all;
        return Object.assign(new LocalEngines(local), { on, all });
      },
    );
    await world.platform.apps.create({ name: 'shop' }, caller);
    await world.deploy('shop', 'hello:1');
    const { name } = await world.platform.run.create('shop', { command: ['x'], detached: true }, caller);
    const [task] = await world.engine.tasks({ labels: { 'mothership.kind': 'detached' } });
    expect(task!.nodeId).to.equal(world.engine.nodeList.all[1]!.id).and.not.be.oneOf(asked);
    await world.follow(await world.platform.run.stop('shop', name, caller));
    expect(asked).to.include(task!.nodeId);

    other.imageStore.add('hello:1');
    other.program(
      () => true,
      () => new Promise(() => undefined),
    );
    const { id } = await world.store.apps.get('shop');
    const labels = { 'mothership.kind': 'run', 'mothership.app': id, 'mothership.type': 'run.1234' };
    const left = await other.createContainer({
      ...{ name: `${id}_run.1234`, image: 'hello:1', env: {}, networks: [], labels },
    });
    await other.startContainer(left);
    expect((await world.platform.run.list('shop')).map((run) => `${run.name} ${run.node}`)).to.include('run.1234 two');
    await world.follow(await world.platform.run.stop('shop', 'run.1234', caller));
    expect((await other.container(left))?.running).to.equal(false);
    await world.close();
  });
});

describe('one-offs in the background', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create({ nodes: [{ hostname: 'one' }, { hostname: 'two' }] });
    await world.platform.apps.create({ name: 'shop' }, caller);
    await world.deploy('shop', 'hello:1');
  });
  afterEach(() => world.close());

  const start = async (command = ['rake', 'report']): Promise<string> =>
    (await world.platform.run.create('shop', { command, detached: true }, caller)).name;
  const stop = async (name: string) => world.follow(await world.platform.run.stop('shop', name, caller));
  const services = () => world.engine.services({ 'mothership.kind': 'detached' });
  const logOf = async (ps: string): Promise<string[]> => {
    const lines: string[] = [];
    for await (const entry of world.platform.logs('shop', { ps }, new AbortController().signal))
      lines.push(`${entry.ps}: ${entry.line}`);
    return lines;
  };
  const end = async (exitCode: number): Promise<void> =>
    world.engine.failTask((await services())[0]!.name, { exitCode });

  it('run once, and keep their exit code and their output until they are swept', async () => {
    const name = await start();
    const [task] = await world.engine.tasks({ labels: { 'mothership.kind': 'detached' } });
    world.engine.say(task!.id, 'counted 3');
    expect((await world.platform.run.list('shop'))[0]).to.deep.include({
      ...{ name, state: 'up', exitCode: null, command: 'rake report', detached: true, release: 1 },
    });
    expect((await world.platform.ps.list('shop')).map((process) => process.name)).to.deep.equal(['web.1', name]);
    await end(3);
    await world.clock.advance(60_000);
    expect(await world.platform.run.list('shop')).to.have.lengthOf(1);
    expect((await world.platform.run.list('shop'))[0]).to.include({
      ...{ name, state: 'ended', exitCode: 3, detail: 'exited with code 3' },
    });
    expect((await world.platform.ps.list('shop')).map((process) => process.name)).to.deep.equal(['web.1']);
    expect(await logOf(name)).to.deep.equal([`${name}: counted 3`]);
    expect(await world.engine.tasks({ labels: { 'mothership.kind': 'detached' } })).to.have.lengthOf(1);
  });

  it('are swept, the oldest first', async () => {
    world.engine.script(/_run-/, { state: 'complete' });
    const names = [];
    for (let n = 0; n < 51; n += 1) {
      names.push(await start());
      await world.clock.advance(10);
    }
    await world.until(async () => (await services()).length < 51);
    const left = (await world.platform.run.list('shop')).map(({ name }) => name);
    expect(left).to.have.members(names.slice(1));
  });

  it('are found, entered and stopped by another controller, and were stopped, not lost', async () => {
    const name = await start();
    world.kill();
    await world.boot();
    expect((await world.platform.ps.exec('shop', { ps: name, command: ['ls'] }, caller)).ps).to.equal(name);
    expect(outcome((await stop(name)).ending)).to.equal('done');
    expect((await world.platform.run.list('shop'))[0]).to.include({ name, state: 'ended', exitCode: 143 });
    expect(await rejection(world.platform.run.stop('shop', name, caller))).to.equal('RUN_NOT_RUNNING');
    expect(await rejection(world.platform.run.stop('shop', 'run.1', caller))).to.equal('RUN_NOT_RUNNING');
  });

  it('can be stopped while the app is being deployed, also by ps:stop', async () => {
    const name = await start();
    world.engine.script('shop_web_v2', { state: 'preparing' });
    const deploy = await world.platform.releases.create('shop', { image: 'hello:2' }, caller);
    const stopping = await world.platform.ps.stop('shop', { target: name }, caller);
    expect(outcome((await world.follow(stopping)).ending)).to.equal('done');
    expect((await world.platform.run.list('shop'))[0]).to.include({ name, state: 'ended' });
    await world.platform.operations.cancel(deploy.id);
    await world.follow(deploy);
  });

  it('that a version before services started are listed and stopped as the containers that they are', async () => {
    const { id } = await world.store.apps.get('shop');
    world.engine.program(
      (spec) => spec.labels['mothership.type'] === 'run.1234',
      () => new Promise(() => undefined),
    );
    const labels = { 'mothership.kind': 'run', 'mothership.app': id, 'mothership.type': 'run.1234' };
    const container = await world.engine.createContainer({
      ...{ name: `${id}-run-1234`, image: 'hello:1', env: {}, networks: [] },
      labels: { ...labels, 'mothership.release': '1' },
    });
    await world.engine.startContainer(container);
    expect((await world.platform.run.list('shop'))[0]).to.include({
      ...{ name: 'run.1234', state: 'up', command: null, node: 'one' },
    });
    await stop('run.1234');
    expect((await world.engine.container(container))?.running).to.equal(false);
  });

  it('that find no node, or an image that is gone, say so and leave nothing behind', async () => {
    world.engine.script(/_run-/, { state: 'pending', error: 'no suitable node (insufficient resources on 2 nodes)' });
    const create = () => world.clock.passUntil(rejection(start()));
    expect(await create()).to.equal('ROLLOUT_UNPLACED');
    world.engine.script(/_run-/, { state: 'rejected', error: 'No such image' });
    expect(await create()).to.equal('RUN_NOT_STARTED');
    expect(await services()).to.deep.equal([]);
  });

  it('whose node still pulls the image have a name already', async () => {
    world.engine.script(/_run-/, { state: 'preparing' });
    const name = await world.clock.passUntil(start());
    expect((await world.platform.run.list('shop'))[0]).to.include({ name, state: 'starting' });
    await stop(name);
    expect(await services()).to.deep.equal([]);
  });

  it('go with their app', async () => {
    await start();
    await world.platform.apps.destroy('shop', 'shop', caller);
    expect(await services()).to.deep.equal([]);
  });
});
