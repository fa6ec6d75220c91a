import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import { dockerEngine, type Engine, type NodeInfo } from '../../src/engine/index.ts';
import { systemClock } from '../../src/events/index.ts';
import { FIREWALL_SCRIPT, firewallScript } from '../../src/nodes/index.ts';
import { LocalMachine, type ProvidedMachine } from '../../src/provision/index.ts';
import { Chaos, DockerClient, PracticeProvider } from '../../src/provision/practice/index.ts';
import { HOST_SOCKET, dockerArgv, must, waitUntil } from '../lab/command.ts';
import { Desk } from '../commands/cli.ts';
import { newRunId } from '../lab/index.ts';
import { nodeImage } from './node-image.ts';

/** Nodes on the host's engine, with a Swarm of their own. The host may be in another Swarm, which must not change. */
describe('a practice cluster', function () {
  this.timeout(120_000);
  const cluster = `test-${newRunId()}`;
  const request = { cluster, managers: 1, workers: 2, zones: ['east', 'west'] };
  const engine = { socketPath: HOST_SOCKET };
  const hostSwarm = async (): Promise<object> => {
    const { swarm, nodeId } = await dockerEngine(engine).info();
    return { swarm, nodeId };
  };
  const machine = new LocalMachine();
  const docker = (...argv: string[]): Promise<string> => must(dockerArgv(HOST_SOCKET, argv));
  let image: string;
  let machines: ProvidedMachine[];
  let manager: Engine;
  const provider = (): PracticeProvider =>
    new PracticeProvider({
      machine,
      engine,
      address: '127.0.0.1',
      clock: systemClock,
      image: () => Promise.resolve(image),
      memoryBytes: 700 * 2 ** 20,
    });
  const chaos = new Chaos(new DockerClient(machine, engine));
  const stateOf = async (name: string): Promise<NodeInfo['state'] | undefined> =>
    (await manager.nodes()).find(({ hostname }) => hostname === name)?.state;
  const becomes = (state: NodeInfo['state']): Promise<void> =>
    waitUntil(`node-3 to be ${state}`, 60_000, async () => (await stateOf('node-3')) === state);
  const worker = (): ProvidedMachine => machines[2]!;

  before(async function () {
    this.timeout(600_000);
    image = await nodeImage();
    machines = await provider().create(request);
  });

  after(() => provider().destroy(cluster));

  it('is made once, of machines whose engines answer', async () => {
    expect(machines.map(({ name, zone, role }) => [name, zone, role])).to.deep.equal([
      [machine.name, 'east', 'manager'],
      ['node-2', 'west', 'worker'],
      ['node-3', 'east', 'worker'],
    ]);
    for (const { name, engine: address } of machines.slice(1))
      expect(await dockerEngine(address).info()).to.include({ name, swarm: 'inactive' });
    const before = await docker('ps', '-q', '--no-trunc', '--filter', `label=mothership.cluster=${cluster}`);
    await provider().create(request);
    expect(await docker('ps', '-q', '--no-trunc', '--filter', `label=mothership.cluster=${cluster}`)).to.equal(before);
  });

  it('has machines that setup can work on', async () => {
    const { machine: node, privateAddress } = worker();
    await node.writeFile('/etc/mothership/a file', Buffer.from('content\n'), { mode: 0o600 });
    expect((await node.readFile('/etc/mothership/a file'))?.trim()).to.equal('content');
    expect((await node.run(['stat', '-c', '%a', '/etc/mothership/a file'])).stdout).to.equal('600');
    expect(await node.listFolder('/etc/mothership')).to.deep.equal(['a file']);
    expect(await node.listFolder('/nowhere')).to.deep.equal([]);
    expect(await node.readFile('/nowhere')).to.equal(undefined);
    expect((await node.run(['no-such-program'])).code).to.equal(127);
    expect(await node.run(['sh', '-c', 'echo "$WORD"; exit 3'], { env: { WORD: 'a $b' } })).to.include({
      code: 3,
      stdout: 'a $b',
    });
    expect((await node.run(['cat'], { input: Buffer.from('in and out') })).stdout).to.equal('in and out');
    expect([await node.resolves('node-2'), await node.resolves('no-such-host.invalid')]).to.deep.equal([true, false]);
    expect(await node.addresses()).to.deep.equal([privateAddress]);
  });

  it('forms a Swarm of containers that the host is not in', async () => {
    const [, first, second] = machines;
    const before = await hostSwarm();
    manager = dockerEngine(first!.engine);
    await manager.initSwarm({ advertiseAddress: first!.privateAddress });
    const token = (await manager.joinTokens()).worker.reveal();
    await dockerEngine(second!.engine).joinSwarm({
      token,
      managers: [`${first!.privateAddress}:2377`],
      advertiseAddress: second!.privateAddress,
    });
    expect((await manager.nodes()).map(({ hostname, state }) => [hostname, state]).sort()).to.deep.equal([
      ['node-2', 'ready'],
      ['node-3', 'ready'],
    ]);
    expect(await second!.machine.accepts(first!.privateAddress, 2377)).to.equal(true);
    expect(await second!.machine.accepts(first!.privateAddress, 2378)).to.equal(false);
    expect(await hostSwarm()).to.deep.equal(before);
  });

  it('loses a machine that is removed, and makes another of that number', async () => {
    const { privateAddress, id } = worker();
    expect(await provider().remove(cluster, '192.0.2.1')).to.equal(undefined);
    expect(await provider().remove(cluster, privateAddress)).to.equal(privateAddress);
    expect(await docker('ps', '-aq', '--filter', `name=^${id}$`)).to.equal('');
    machines = await provider().create(request);
    expect(machines.map(({ name }) => name)).to.deep.equal([machine.name, 'node-2', 'node-3']);
    await becomes('down');
    const token = (await manager.joinTokens()).worker.reveal();
    await dockerEngine(worker().engine).joinSwarm({
      token,
      managers: [`${machines[1]!.privateAddress}:2377`],
      advertiseAddress: worker().privateAddress,
    });
    const [old] = (await manager.nodes()).filter(({ hostname, state }) => hostname === 'node-3' && state === 'down');
    await manager.removeNode(old!.id, { force: true });
    await becomes('ready');
  });

  for (const kind of ['kill', 'pause', 'partition'] as const) {
    it(`loses a node to chaos and gets it back: ${kind}`, async () => {
      await chaos.inflict(kind, worker().id);
      await becomes('down');
      // A node that is cut off still answers this machine.
      if (kind === 'partition') expect((await dockerEngine(worker().engine).info()).name).to.equal('node-3');
      await chaos.heal(worker().id);
      await becomes('ready');
    });
  }

  it('harms by the command line, heals after a while, and at once on Ctrl-C', async () => {
    const desk = await Desk.open();
    const { id, engine: address } = worker();
    try {
      const short = await desk.run(['cluster:chaos', 'pause', id, '--for', '1s', '--json']);
      expect(short.code, short.stderr).to.equal(0);
      expect(JSON.parse(short.stdout)).to.include({ node: 'node-3', container: id, healed: true });
      const long = desk.run(['cluster:chaos', 'pause', id, '--for', '2m']);
      const paused = async (): Promise<boolean> =>
        (await docker('inspect', '--format', '{{.State.Paused}}', id)) === 'true';
      await waitUntil('the pause', 20_000, paused);
      desk.signal('SIGINT');
      expect((await long).stdout).to.contain('Resumed node-3.');
      expect(await paused()).to.equal(false);
      expect((await dockerEngine(address).info()).name).to.equal('node-3');
      const left = await desk.run(['cluster:chaos', 'kill', id]);
      expect(left.stdout).to.contain(`mothership cluster:chaos heal ${id}`);
      expect((await desk.run(['cluster:chaos', 'heal', id])).code).to.equal(0);
      await becomes('ready');
    } finally {
      await desk.close();
    }
  });

  it('keeps what a machine keeps over a loss of power: its hosts file, its firewall, its disk, its address', async () => {
    const { machine: node, id, privateAddress } = worker();
    const hosts = (await node.readFile('/etc/hosts')) ?? '';
    await node.writeFile('/etc/hosts', Buffer.from(`${hosts}\n10.9.8.7 kept.example\n`), { mode: 0o644 });
    await node.writeFile(FIREWALL_SCRIPT, Buffer.from(firewallScript(['10.9.8.7'])), { mode: 0o755 });
    await chaos.inflict('kill', id);
    await chaos.heal(id);
    await provider().create(request);
    expect((await node.run(['iptables', '-t', 'mangle', '-S'])).stdout).to.match(
      /-A PREROUTING -j MOTHERSHIP\b[^]*-s 10\.9\.8\.7/,
    );
    await node.run(['rm', FIREWALL_SCRIPT]);
    await chaos.inflict('kill', id);
    await chaos.heal(id);
    await provider().create(request);
    expect((await node.run(['iptables', '-t', 'mangle', '-S'])).stdout).not.to.contain('MOTHERSHIP');
    expect(await node.resolves('kept.example')).to.equal(true);
    expect((await provider().list(cluster)).find((each) => each.id === id)?.privateAddress).to.equal(privateAddress);
    await becomes('ready');
  });

  it('starts an engine again that died', async () => {
    const { machine: node } = worker();
    const pid = async (): Promise<string> => (await node.run(['pgrep', '-x', 'dockerd'])).stdout;
    const before = await pid();
    await node.run(['pkill', '-KILL', '-x', 'dockerd']);
    await waitUntil('another engine', 20_000, async () => ![before, ''].includes(await pid()));
    await becomes('ready');
  });

  it('leaves no container, volume, network or control group', async () => {
    const ids = (await docker('ps', '-aq', '--no-trunc', '--filter', `label=mothership.cluster=${cluster}`)).split(
      '\n',
    );
    expect(ids).to.have.length(2);
    await chaos.inflict('kill', machines[1]!.id);
    await chaos.inflict('pause', worker().id);
    await provider().destroy(cluster);
    for (const what of [
      ['ps', '-aq'],
      ['volume', 'ls', '-q'],
      ['network', 'ls', '-q'],
    ]) {
      expect(await docker(...what, '--filter', `label=mothership.cluster=${cluster}`)).to.equal('');
    }
    expect(await groupsOf(ids)).to.deep.equal([]);
    expect((await provider().list(cluster)).map(({ name }) => name)).to.deep.equal([machine.name]);
  });
});

/** Control groups whose names hold one of the ids. */
async function groupsOf(ids: readonly string[]): Promise<string[]> {
  const root = '/sys/fs/cgroup';
  const found: string[] = [];
  for (const hierarchy of ['.', ...(await readdir(root))]) {
    for (const parent of ['docker', 'system.slice']) {
      const names = await readdir(`${root}/${hierarchy}/${parent}`).catch(() => []);
      found.push(...names.filter((name) => ids.some((id) => name.includes(id))));
    }
  }
  return found;
}
