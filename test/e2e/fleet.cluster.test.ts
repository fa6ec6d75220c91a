import { expect } from 'chai';
import type { Task } from '../../src/api/index.ts';
import type { LabNode } from '../lab/index.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';
import { accepts, droppedDatagrams, LabFleet, powerOff } from '../fixtures/fleet.ts';
import { Load } from '../fixtures/load.ts';

interface Machine {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly zone: string;
  readonly role: 'manager' | 'worker';
}

const ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
const EMPTY = { instances: [], volumes: [], addresses: [], groups: [], keys: [] };

describe('a cluster of machines from EC2', function () {
  this.timeout(600_000);
  const fleet = new LabFleet();
  let mothership: Cluster;
  let machines: Machine[];
  let nodes: Map<string, LabNode>;
  const app = 'spread';
  const alive = (): Machine[] => machines.filter(({ id }) => nodes.has(id));

  before(() => fleet.start());
  after(() => fleet.stop());

  const setup = [
    'setup',
    '--provider',
    'aws',
    '--managers',
    '3',
    '--workers',
    '2',
    '--zone',
    ZONES.join(','),
    '--admin-cidr',
    '172.17.0.0/16',
    '--yes',
  ];

  it('says what it will make and what that costs, and makes nothing with --plan', async () => {
    const { code, stderr } = await fleet
      .client()
      .mothership([...setup, '--ssh-key', fleet.keyFile, '--plan'], { env: fleet.env });
    expect({ code, stderr: stderr.slice(-2000) }).to.include({ code: 0 });
    expect(stderr).to.match(/a month/);
    expect(fleet.inventory()).to.deep.equal(EMPTY);
  });

  it('is destroyed though its setup was killed while machines were being made, and takes its own key with it', async () => {
    const killed = fleet.client().start(setup, { env: fleet.env });
    await eventually('a machine', 60, () => Promise.resolve(fleet.inventory().instances.length > 0));
    killed.kill('SIGKILL');
    await killed;
    await fleet.client().ok(['cluster:destroy', '--confirm', 'mothership'], { env: fleet.env });
    expect(fleet.inventory()).to.deep.equal(EMPTY);
  });

  it('is set up by one command, though that is killed at ten random points and run again', async () => {
    for (let n = 1; n <= 10; n += 1) {
      const run = fleet.client().start([...setup, '--ssh-key', fleet.keyFile], { env: fleet.env });
      const ms = 1_000 + Math.round(Math.random() * 15_000);
      const timer = setTimeout(() => run.kill('SIGKILL'), ms);
      const { stderr } = await run;
      clearTimeout(timer);
      process.stderr.write(
        `      killed after ${(ms / 1000).toFixed(1)} s, last heard: ${stderr.trim().split('\n').at(-1)}\n`,
      );
    }
    const began = Date.now();
    const result = await fleet
      .client()
      .json<{ machines: Machine[] }>([...setup, '--ssh-key', fleet.keyFile], { env: fleet.env });
    process.stderr.write(`      the last run took ${Math.round((Date.now() - began) / 1000)} s\n`);
    machines = result.machines;
    nodes = new Map(await Promise.all(machines.map(async ({ id }) => [id, await fleet.node(id)] as const)));
    expect(machines.map(({ role }) => role)).to.deep.equal(['manager', 'manager', 'manager', 'worker', 'worker']);
    expect(new Set(machines.map(({ zone }) => zone))).to.deep.equal(new Set(ZONES));
    mothership = fleet.client(nodes.get(machines[0]!.id)!);
  });

  it('has nothing twice', async () => {
    const { instances, volumes, groups, keys, addresses } = fleet.inventory();
    expect([instances.length, volumes.length, groups.length, keys.length, addresses.length]).to.deep.equal([
      5, 5, 1, 1, 0,
    ]);
    const services = (await mothership.engine.services({})).map(({ name }) => name).sort();
    expect(services).to.deep.equal([
      'mothership-agent',
      'mothership-controller',
      'mothership-registry',
      'mothership-router',
    ]);
    expect((await mothership.json<{ state: string }[]>(['nodes'])).map(({ state }) => state)).to.deep.equal(
      Array.from({ length: 5 }, () => 'ready'),
    );
    expect(await mothership.json<unknown[]>(['tokens'])).to.have.length(1);
  });

  it('spreads an app over the zones, and answers for it at every node', async () => {
    await mothership.tinyApp(app);
    await mothership.ok(['ps:scale', 'web=5', '-a', app]);
    const tasks = await mothership.ps(app);
    expect(tasks.map(({ state }) => state)).to.deep.equal(['up', 'up', 'up', 'up', 'up']);
    // Over zones first: the one that has one node only may get two of them.
    const inZones = ZONES.map((zone) => tasks.filter((task) => task.zone === zone).length);
    expect(inZones.sort()).to.deep.equal([1, 2, 2]);
    expect(new Set(tasks.map(({ node }) => node)).size).to.be.at.least(4);
    for (const { id, name } of machines)
      expect((await fleet.client(nodes.get(id)).http(app)).status, name).to.equal(200);
  });

  it('shows logs of every node and runs a program beside a process of another', async () => {
    const far = (await mothership.ps(app)).find(
      ({ node }) => node !== machines[0]!.name && node !== nodes.get(machines[0]!.id)!.name,
    )!;
    expect(
      (await mothership.ok(['ps:exec', '-a', app, '--ps', far.name, '--', 'sh', '-c', 'echo $DYNO'])).trim(),
    ).to.equal(far.name);
    const lines = await eventually('lines of five processes', 20, async () => {
      const text = await mothership.ok(['logs', '-a', app, '-n', '500', '--source', 'app']);
      return new Set(text.match(/web\.\d/g)).size === 5 ? text : undefined;
    });
    expect(lines).to.contain('web.5');
  });

  it('keeps its own ports to itself: nothing but 22, 80 and 443 answers from outside', async () => {
    for (const { id, address, name } of machines) {
      const open = await Promise.all(
        [80, 443, 2377, 5000, 7946, 8443].map(async (port) => [port, await accepts(address, port)] as const),
      );
      expect(
        open.filter(([, answer]) => answer).map(([port]) => port),
        name,
      ).to.deep.equal([80, 443]);
      expect(await droppedDatagrams(nodes.get(id)!, [4789, 7946]), name).to.deep.equal([4789, 7946]);
    }
  });

  it('gives no image to somebody without the password', async () => {
    const worker = nodes.get(machines.find(({ role }) => role === 'worker')!.id)!;
    const [service] = await mothership.services(app);
    const refused = await worker.docker(['pull', service!.image.replace(/@.*$/, ':none')]).then(
      () => 'pulled',
      (error: Error) => error.message,
    );
    expect(refused).to.match(/no basic auth credentials|unauthorized/);
  });

  it('has routers where the role is, and on every node again without it', async () => {
    const [, second] = machines;
    const host = (await mothership.json<{ hostname: string; address: string }[]>(['nodes'])).find(
      ({ address }) => address === second!.address,
    )!.hostname;
    const doors = async (): Promise<string[]> => {
      const open = await Promise.all(
        machines.map(async ({ address, name }) => ((await accepts(address, 80)) ? [name] : [])),
      );
      return open.flat();
    };
    await mothership.ok(['nodes:label', host, 'role.router=true']);
    mothership = fleet.client(nodes.get(second!.id)!);
    await eventually('one door', 90, async () => (await doors()).join() === second!.name);
    expect((await mothership.http(app)).status).to.equal(200);
    await mothership.ok(['nodes:label', host, 'role.router-']);
    await eventually('five doors', 60, async () => (await doors()).length === 5);
    mothership = fleet.client(nodes.get(machines[0]!.id)!);
    await eventually(
      'an answer at the first node',
      30,
      async () => (await mothership.http(app).catch(() => undefined))?.status === 200,
    );
  });

  it('refuses to drain a node that has the only copy of a volume, and says so', async () => {
    const worker = nodes.get(machines.find(({ role }) => role === 'worker')!.id)!;
    const controller = await mothership.engine.service('mothership-controller');
    const data = await mothership.engine.createService({
      name: 'data',
      labels: {},
      image: controller!.image,
      args: ['sleep', '600'],
      env: {},
      networks: [],
      replicas: 1,
      endpointMode: 'dnsrr',
      constraints: [`node.hostname==${worker.name}`],
      mounts: [{ type: 'volume', source: 'data', target: '/data' }],
      restart: { condition: 'any', delayMs: 0 },
    });
    await eventually('its task', 30, async () =>
      (await mothership.engine.tasks({ service: data, desired: 'running' })).some(({ state }) => state === 'running'),
    );
    const { code, stderr } = await mothership.mothership(['nodes:drain', worker.name]);
    await mothership.engine.removeService(data);
    expect(code).to.equal(1);
    expect(stderr).to.match(/volume data/);
  });

  it('refuses to drain a node whose processes fit on no other, and leaves it as it is', async () => {
    const worker = nodes.get(machines.find(({ role }) => role === 'worker')!.id)!;
    const controller = await mothership.engine.service('mothership-controller');
    const memoryBytes = Math.floor(
      0.6 * Math.min(...(await mothership.engine.nodes()).map((node) => node.memoryBytes)),
    );
    const large = await mothership.engine.createService({
      name: 'large',
      labels: {},
      image: controller!.image,
      args: ['sleep', '600'],
      env: {},
      networks: [],
      replicas: 5,
      endpointMode: 'dnsrr',
      reservations: { memoryBytes },
      restart: { condition: 'any', delayMs: 0 },
    });
    await eventually(
      'one on each node',
      30,
      async () =>
        (await mothership.engine.tasks({ service: large, desired: 'running' })).filter(
          ({ state }) => state === 'running',
        ).length === 5,
    );
    const { code, stderr } = await mothership.mothership(['nodes:drain', worker.name]);
    await mothership.engine.removeService(large);
    expect(code).to.equal(1);
    expect(stderr).to.match(/no other node has \d+ MB free for .*large/);
    expect((await mothership.engine.nodes()).map(({ availability }) => availability)).to.deep.equal(
      Array(5).fill('active'),
    );
  });

  it('moves processes off a node that is drained, without failing a request', async () => {
    const worker = machines.find(({ role }) => role === 'worker')!;
    const { node: hostname } = (await mothership.ps(app)).find(({ node }) => node === nodes.get(worker.id)!.name)!;
    const load = new Load({ ip: machines[1]!.address, host: mothership.hostOf(app) }).start(20);
    await mothership.ok(['nodes:drain', hostname]);
    const { failures } = await load.stop();
    expect(failures).to.deep.equal([]);
    expect((await mothership.ps(app)).filter(({ node }) => node === hostname)).to.deep.equal([]);
  });

  it('gives up a machine with its node, and gets another, which takes its share', async () => {
    const worker = machines.find(({ role }) => role === 'worker')!;
    const { name } = nodes.get(worker.id)!;
    await mothership.ok(['nodes:remove', name, '--confirm', name], { env: fleet.env });
    expect(fleet.inventory().instances).to.not.include(worker.name);
    const added = await mothership.json<{ machines: Machine[] }>(
      ['nodes:add', '--count', '1', '--yes', '--rebalance'],
      { env: fleet.env },
    );
    const fresh = added.machines.filter(({ id }) => !nodes.has(id));
    expect([added.machines.length, fresh.length]).to.deep.equal([5, 1]);
    nodes.delete(worker.id);
    nodes.set(fresh[0]!.id, await fleet.node(fresh[0]!.id));
    machines = added.machines;
    expect((await mothership.ps(app)).map(({ node }) => node)).to.include(nodes.get(fresh[0]!.id)!.name);
    expect((await fleet.client(nodes.get(fresh[0]!.id)).http(app)).status).to.equal(200);
  });

  it('makes a worker a manager and a manager a worker', async () => {
    const worker = nodes.get(machines.find(({ role }) => role === 'worker')!.id)!;
    const managers = async (): Promise<number> =>
      (await mothership.json<{ role: string; reachable: boolean | null }[]>(['nodes'])).filter(
        ({ role, reachable }) => role === 'manager' && reachable,
      ).length;
    await mothership.ok(['nodes:promote', worker.name]);
    await eventually('four managers', 60, async () => (await managers()) === 4);
    await mothership.ok(['nodes:demote', worker.name]);
    await eventually('three managers', 60, async () => (await managers()) === 3);
  });

  it("goes on without the controller's node, and takes deploys again", async () => {
    const controller = await controllerNode();
    const door = alive().find(({ id }) => id !== controller.id)!;
    mothership = fleet.client(nodes.get(door.id)!);
    const load = new Load({ ip: door.address, host: mothership.hostOf(app) }).start(20);
    const killed = Date.now();
    await powerOff(nodes.get(controller.id)!);
    nodes.delete(controller.id);
    await eventually(
      'a deploy to be taken',
      120,
      async () => (await mothership.mothership(['config:set', `SINCE=${killed}`, '-a', app])).code === 0,
    );
    const seconds = (Date.now() - killed) / 1000;
    const { sent, failures } = await load.stop();
    const times = failures.map((line) => Date.parse(line.split(' ')[0]!) - killed);
    process.stderr.write(
      `      controller's node lost: deploy taken after ${seconds.toFixed(1)} s; ${failures.length} of ${sent} requests failed, the last sent ${(Math.max(0, ...times) / 1000).toFixed(1)} s after\n`,
    );
    expect(
      times.filter((ms) => ms > 10_000),
      failures.join('\n'),
    ).to.deep.equal([]);
    const tasks = await eventually('five processes', 60, async () => {
      const up = (await mothership.ps(app)).filter(({ state }) => state === 'up');
      return up.length === 5 ? up : undefined;
    });
    expect(tasks.every(({ node }: Task) => node !== controller.name)).to.equal(true);
  });

  async function controllerNode(): Promise<Machine> {
    const [task] = await mothership.engine.tasks({ service: 'mothership-controller', desired: 'running' });
    for (const machine of alive()) {
      const id = (await nodes.get(machine.id)!.docker(['info', '-f', '{{.Swarm.NodeID}}'])).trim();
      if (id === task!.nodeId) return machine;
    }
    throw new Error('the controller runs nowhere');
  }

  it('is destroyed without leaving anything', async () => {
    await mothership.ok(['cluster:destroy', '--confirm', 'mothership'], { env: fleet.env });
    expect(fleet.inventory()).to.deep.equal(EMPTY);
  });
});
