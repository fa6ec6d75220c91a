import { expect } from 'chai';
import type { Engine, NodeInfo } from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { firewallScript, FIREWALL_SCRIPT, hostsBlock } from '../../src/nodes/index.ts';
import { NodeCare } from '../../src/nodes/care/node-care.ts';
import type { ClusterRecord } from '../../src/store/index.ts';
import type { ImageStore } from '../../src/registry/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

const settings: ClusterRecord = {
  name: 'test',
  version: '0.0.0',
  createdAt: '2026-01-01T00:00:00Z',
  domain: 'my.paas',
  httpPort: 80,
  httpsPort: 443,
  publish: 'host',
  defaultStack: 'debian-13',
  stacks: {},
  images: { controller: 'c', router: 'r' },
  provider: 'local',
};

/** As Swarm names the task of a global service. */
const AGENT = `mothership-agent.${'n'.repeat(25)}.${'t'.repeat(25)}`;
const HOSTS = '127.0.0.1 localhost\n192.0.2.9 mine';

/** A node's disk, and what its jobs do: they count, and fail while `broken`. */
class Disk {
  hosts = HOSTS;
  firewall = '';
  jobs = 0;
  broken = false;
  readonly engine = new FakeEngine({ nodes: [] });

  constructor() {
    this.engine.imageStore.add('platform');
    this.engine.program(
      (spec) => spec.name === 'mothership-node-care',
      (io) => this.#run(io.spec.command!.slice(1), io),
    );
    this.engine.program(
      (spec) => spec.name === AGENT,
      ({ killed }) => new Promise((resolve) => killed.addEventListener('abort', () => resolve(0))),
    );
  }

  async start(): Promise<void> {
    const id = await this.engine.createContainer({
      name: AGENT,
      image: 'platform',
      env: {},
      networks: [],
      labels: { 'mothership.kind': 'agent' },
    });
    await this.engine.startContainer(id);
  }

  #run([script = '', , ...args]: string[], io: { out(line: string): void; err(line: string): void }): number {
    this.jobs += 1;
    if (this.broken) io.err('iptables does not work on this machine');
    if (this.broken) return 1;
    const [hosts = '', second = '', third = '', rules = ''] = args;
    expect([hosts, script.includes('base64') ? third : second]).to.deep.equal(['/etc/hosts', FIREWALL_SCRIPT]);
    if (!script.includes('base64'))
      for (const line of [...`${this.hosts}\n${third}`.split('\n'), ...this.firewall.split('\n')]) io.out(line);
    else {
      if (second) this.hosts = Buffer.from(second, 'base64').toString();
      this.firewall = Buffer.from(rules, 'base64').toString();
    }
    return 0;
  }

  peers(): string[] {
    return [...this.firewall.matchAll(/-A MOTHERSHIP -s (\S+) -j RETURN/g)].map(([, address]) => address!).sort();
  }
}

describe('care for nodes', () => {
  const disks = new Map<string, Disk>();
  let engine: FakeEngine;
  let care: NodeCare;
  const warnings: object[] = [];
  const never = new AbortController().signal;

  const add = async (node: Partial<NodeInfo>): Promise<string> => {
    const { id } = engine.addNode(node);
    const disk = new Disk();
    await disk.start();
    disks.set(id, disk);
    return id;
  };
  const disk = (id: string): Disk => disks.get(id)!;

  const all = async (): Promise<{ node: NodeInfo; engine: Engine }[]> =>
    (await engine.nodes())
      .filter((node) => node.state === 'ready' && disks.has(node.id))
      .map((node) => ({ node, engine: disk(node.id).engine }));

  const start = (nodes: 'one' | 'many' = 'many'): NodeCare =>
    new NodeCare({
      engine,
      clock: new FakeClock(),
      cluster: { ...settings, nodes },
      images: { whole: () => Promise.resolve(whole) } as unknown as ImageStore,
      logger: { info: () => undefined, error: () => undefined, warn: (facts: object) => void warnings.push(facts) },
      engines: {
        local: engine,
        all,
        on: () => Promise.reject(fail('NODE_NOT_FOUND', { node: 'x' })),
        report: () => Promise.reject(fail('NODE_NOT_FOUND', { node: 'x' })),
      },
    });

  let whole: string[];
  let first: string;
  let second: string;
  let worker: string;
  beforeEach(async () => {
    disks.clear();
    warnings.length = 0;
    engine = new FakeEngine({ nodes: [] });
    await engine.initSwarm({ advertiseAddress: '10.0.0.1' });
    first = (await engine.nodes())[0]!.id;
    disks.set(first, new Disk());
    await disk(first).start();
    second = await add({ role: 'manager', address: '10.0.0.2' });
    worker = await add({ address: '10.0.0.3' });
    whole = [first, second];
    care = start();
  });

  it("lets in the nodes there are and leads to the managers' registries, the own one first", async () => {
    await care.once(never);
    expect([...disks.values()].map((each) => each.peers())).to.deep.equal(
      Array(3).fill(['10.0.0.1', '10.0.0.2', '10.0.0.3']),
    );
    const addresses = (id: string): string[] =>
      hostsBlock(disk(id).hosts).map(({ address, name }) => `${address} ${name}`);
    const registry = 'registry.mothership.internal';
    expect(addresses(first)).to.deep.equal([`10.0.0.1 ${registry}`, `10.0.0.2 ${registry}`]);
    expect(addresses(second)).to.deep.equal([`10.0.0.2 ${registry}`, `10.0.0.1 ${registry}`]);
    expect(addresses(worker)).to.deep.equal([`10.0.0.1 ${registry}`, `10.0.0.2 ${registry}`]);
    expect(disk(worker).hosts.startsWith(`${HOSTS}\n`)).to.equal(true);
  });

  it('leads to a registry that lacks images only after the others, and leaves names alone while none is known to be whole', async () => {
    const addresses = (id: string): string[] => hostsBlock(disk(id).hosts).map(({ address }) => address);
    whole = [first];
    await care.once(never);
    for (const id of [first, second, worker]) expect(addresses(id)).to.deep.equal(['10.0.0.1', '10.0.0.2']);
    whole = [first, second];
    await care.once(never);
    expect(addresses(second)).to.deep.equal(['10.0.0.2', '10.0.0.1']);
    whole = [];
    await care.once(never);
    expect(addresses(second)).to.deep.equal(['10.0.0.2', '10.0.0.1']);
  });

  it('does nothing while nothing changes, and all again when it does', async () => {
    await care.once(never);
    await care.once(never);
    expect(disk(first).jobs).to.equal(2);
    await add({ address: '10.0.0.4' });
    await care.once(never);
    expect([...disks.values()].every((each) => each.peers().includes('10.0.0.4'))).to.equal(true);
    expect(disk(first).jobs).to.equal(4);
  });

  it('keeps letting in a machine that is about to join, and shuts out one that has left', async () => {
    disk(first).firewall = firewallScript(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.99']);
    await care.once(never);
    expect(disk(first).peers()).to.include('10.0.0.99');
    engine.changeNode(worker, { state: 'down' });
    await engine.removeNode(worker);
    await care.once(never);
    expect(disk(first).peers()).to.deep.equal(['10.0.0.1', '10.0.0.2', '10.0.0.99']);
  });

  it('follows managers as they come and go', async () => {
    await care.once(never);
    engine.changeNode(second, { role: 'worker' });
    await care.once(never);
    expect(hostsBlock(disk(worker).hosts).map(({ address }) => address)).to.deep.equal(['10.0.0.1']);
  });

  it('tries again where it failed, and says so once', async () => {
    disk(worker).broken = true;
    await care.once(never);
    await care.once(never);
    expect(warnings).to.have.length(1);
    expect(disk(first).peers()).to.include('10.0.0.3');
    disk(worker).broken = false;
    await care.once(never);
    expect(disk(worker).peers()).to.have.length(3);
  });

  it('sees again to a node that was away, which may have forgotten all by a reboot', async () => {
    await care.once(never);
    disk(worker).firewall = '';
    engine.changeNode(worker, { state: 'down' });
    await care.once(never);
    engine.changeNode(worker, { state: 'ready' });
    await care.once(never);
    expect(disk(worker).peers()).to.have.length(3);
  });

  it('closes the ports of a cluster of one node as well, but for the port of the registry that it lacks', async () => {
    whole = [];
    await start('one').once(never);
    expect(disk(first).hosts).to.equal(HOSTS);
    expect(disk(first).firewall).to.match(/-A MOTHERSHIP -p udp --dport 4789 .*-j DROP/);
    expect(disk(first).firewall).to.not.contain('5000');
  });

  it("leaves hosts files alone without a registry of the cluster's own", async () => {
    whole = [];
    await care.once(never);
    expect(disk(first).hosts).to.equal(HOSTS);
    expect(disk(first).peers()).to.have.length(3);
  });

  it('leaves no container behind', async () => {
    await care.once(never);
    expect((await disk(first).engine.containers({})).map(({ name }) => name)).to.deep.equal([AGENT]);
  });
});
