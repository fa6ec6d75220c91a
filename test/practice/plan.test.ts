import { expect } from 'chai';
import {
  describe as words,
  nodeArguments,
  planPractice,
  RIGHTS,
  zoneOf,
} from '../../src/provision/practice/practice-plan.ts';
import {
  addressIn,
  parseNetwork,
  parseNodes,
  resolversOf,
  type PracticeNode,
} from '../../src/provision/practice/practice-node.ts';

const network = { name: 'mothership-x-nodes', subnet: '172.20.0.0/16', gateway: '172.20.0.1' };
const node = (number: number, change: Partial<PracticeNode> = {}): PracticeNode => ({
  container: `mothership-x-node-${number}`,
  cluster: 'x',
  number,
  name: `node-${number}`,
  zone: 'b',
  role: 'worker',
  state: 'running',
  address: addressIn(network.subnet, number),
  ...change,
});
const request = (managers: number, workers: number, zones: string[] = []) => ({
  cluster: 'x',
  managers,
  workers,
  zones,
});
const shown = (...args: Parameters<typeof planPractice>): string[] =>
  planPractice(...args).map((step) => words(step, 'x').title);

describe('the plan of a practice cluster', () => {
  it('counts this machine as the first manager, and spreads the rest over zones', () => {
    expect(shown(request(1, 3), [], undefined)).to.deep.equal([
      'Network mothership-x-nodes on this machine',
      'node-2: worker in zone b, the container mothership-x-node-2',
      'node-3: worker in zone c, the container mothership-x-node-3',
      'node-4: worker in zone a, the container mothership-x-node-4',
    ]);
    expect(shown(request(3, 0, ['east', 'west']), [], undefined).slice(1)).to.deep.equal([
      'node-2: manager in zone west, the container mothership-x-node-2',
      'node-3: manager in zone east, the container mothership-x-node-3',
    ]);
    expect(zoneOf(1, [])).to.equal('a');
  });

  it('is empty for one node, and when everything is there', () => {
    expect(planPractice(request(1, 0), [], undefined)).to.deep.equal([]);
    expect(planPractice(request(1, 2), [node(2), node(3)], network)).to.deep.equal([]);
  });

  it('fills gaps, starts what stands still, and takes nothing away', () => {
    expect(shown(request(2, 1), [node(3)], network)).to.deep.equal([
      'node-2: manager in zone b, the container mothership-x-node-2',
    ]);
    expect(
      shown(request(1, 1), [node(2, { state: 'stopped' }), node(3, { state: 'paused' }), node(4)], network),
    ).to.deep.equal([
      'Start node-2, the container mothership-x-node-2',
      'Start node-3, the container mothership-x-node-3',
    ]);
    expect(planPractice(request(3, 0), [node(2, { role: 'manager' })], network)).to.deep.equal([
      { kind: 'node', number: 3, role: 'manager', zone: 'c' },
    ]);
  });

  it('gives a node a fixed address, a disk of its own and no more memory than it may have', () => {
    const step = { kind: 'node' as const, number: 2, role: 'worker' as const, zone: 'b' };
    const argv = nodeArguments({
      cluster: 'x',
      step,
      network,
      image: 'node:1',
      rights: RIGHTS[0]!,
      resolvers: ['10.0.0.53'],
      memoryBytes: 2 ** 30,
    });
    const text = argv.join(' ');
    for (const part of [
      '--name mothership-x-node-2 --hostname node-2',
      '--label mothership.cluster=x',
      '--label mothership.practice=node',
      '--restart unless-stopped',
      '--network mothership-x-nodes --ip 172.20.0.2',
      '--volume mothership-x-node-2:/var/lib/docker',
      '--memory 1073741824 --memory-swap 1073741824',
      '--env MOTHERSHIP_RESOLVERS=10.0.0.53',
      '--sysctl net.ipv4.tcp_retries2=5',
    ])
      expect(text).to.include(part);
    expect(argv.at(-1)).to.equal('node:1');
    expect(argv).not.to.include('--privileged');
    expect(
      nodeArguments({ cluster: 'x', step, network, image: 'node:1', rights: [], resolvers: [] }).join(' '),
    ).not.to.include('--memory');
  });
});

describe('what the engine says of practice nodes', () => {
  it('is read from its JSON', () => {
    const json = (number: string, Status: string, IPAddress: string) => ({
      Name: `/mothership-x-node-${number}`,
      State: { Status },
      Config: {
        Labels: {
          'mothership.cluster': 'x',
          'mothership.practice.node': number,
          'mothership.practice.zone': 'c',
          'mothership.practice.role': 'manager',
        },
      },
      NetworkSettings: {
        Networks: { 'mothership-x-nodes': { IPAddress, IPAMConfig: { IPv4Address: `172.20.0.${number}` } } },
      },
    });
    const nodes = parseNodes(JSON.stringify([json('10', 'running', '172.20.0.10'), json('9', 'exited', '')]));
    expect(nodes).to.deep.equal([
      node(9, { zone: 'c', role: 'manager', state: 'stopped' }),
      node(10, { zone: 'c', role: 'manager' }),
    ]);
    expect(parseNodes(JSON.stringify([json('2', 'paused', '172.20.0.2')]))[0]!.state).to.equal('paused');
    // As of an app whose image has the labels of a node.
    const forged = { ...json('3', 'running', '172.20.0.3'), Name: `/shop_web_v1.1.${'t'.repeat(25)}` };
    expect(parseNodes(JSON.stringify([forged]))).to.deep.equal([]);
  });

  it('has a gateway though the engine does not name it, and addresses beyond a byte', () => {
    const answer = [{ Name: 'n', IPAM: { Config: [{ Subnet: 'fd00::/64' }, { Subnet: '172.20.0.0/16' }] } }];
    expect(parseNetwork(JSON.stringify(answer))).to.deep.equal({
      name: 'n',
      subnet: '172.20.0.0/16',
      gateway: '172.20.0.1',
    });
    expect(parseNetwork('[]')).to.equal(undefined);
    expect(addressIn('172.20.0.0/16', 258)).to.equal('172.20.1.2');
  });

  it('leaves resolvers out that only the machine itself reaches', () => {
    expect(resolversOf('search x\nnameserver 127.0.0.53\nnameserver 10.1.1.1\nnameserver fe80::1\n')).to.deep.equal([
      '10.1.1.1',
    ]);
  });
});
