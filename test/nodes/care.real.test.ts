import { expect } from 'chai';
import { dockerEngine, type Engine } from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { systemClock } from '../../src/events/index.ts';
import { NodeCare } from '../../src/nodes/care/node-care.ts';
import type { ClusterRecord } from '../../src/store/index.ts';
import type { ImageStore } from '../../src/registry/index.ts';
import { cleanup, newRunId, NODE_IMAGE, startNode, type LabNode } from '../lab/index.ts';

const settings: ClusterRecord = {
  name: 'test',
  version: '0.0.0',
  createdAt: '2026-01-01T00:00:00Z',
  domain: 'my.paas',
  httpPort: 80,
  httpsPort: 443,
  publish: 'host',
  nodes: 'many',
  defaultStack: 'debian-13',
  stacks: {},
  images: { controller: 'c', router: 'r' },
  provider: 'local',
};

describe('care for a real node', function () {
  this.timeout(120_000);
  const runId = newRunId();
  let node: LabNode;
  let engine: Engine;
  const problems: object[] = [];
  const signal = new AbortController().signal;
  const inside = async (...argv: string[]): Promise<string> => (await node.exec(argv)).stdout;

  before(async function () {
    this.timeout(600_000);
    node = await startNode({ name: 'care', runId });
    // An image with iptables, as the platform's own has.
    await node.loadImage(NODE_IMAGE);
    engine = dockerEngine({ socketPath: node.socket });
    await engine.initSwarm({ advertiseAddress: node.ip });
    await engine.startContainer(
      await engine.createContainer({
        name: `mothership-agent.${'n'.repeat(25)}.${'t'.repeat(25)}`,
        image: NODE_IMAGE,
        env: {},
        networks: [{ id: 'none' }],
        labels: { 'mothership.kind': 'agent' },
        entrypoint: ['sleep', 'infinity'],
      }),
    );
  });
  after(() => cleanup(runId));

  const care = (): NodeCare =>
    new NodeCare({
      engine,
      clock: systemClock,
      cluster: settings,
      images: { whole: async () => (await engine.nodes()).map(({ id }) => id) } as unknown as ImageStore,
      logger: {
        info: () => undefined,
        error: (facts) => void problems.push(facts),
        warn: (facts) => void problems.push(facts),
      },
      engines: {
        local: engine,
        on: () => Promise.resolve(engine),
        report: () => Promise.reject(fail('NODE_NOT_FOUND', { node: 'x' })),
        all: async () => (await engine.nodes()).map((each) => ({ node: each, engine })),
      },
    });

  it("closes the cluster's own ports to all but the nodes, writes the registry's addresses, and changes nothing the second time", async () => {
    await care().once(signal);
    expect(problems).to.deep.equal([]);
    const rules = await inside('iptables', '-t', 'mangle', '-S');
    expect(rules).to.contain(`-A MOTHERSHIP -s ${node.ip}/32 -j RETURN`).and.contain('-A PREROUTING -j MOTHERSHIP');
    expect(rules).to.match(/-A MOTHERSHIP -p tcp .*--dport 2377 .*-j DROP/);
    const hosts = await inside('cat', '/etc/hosts');
    expect(hosts).to.contain(`${node.ip} registry.mothership.internal`).and.contain('localhost');
    await care().once(signal);
    expect(await inside('iptables', '-t', 'mangle', '-S')).to.equal(rules);
    expect(await inside('cat', '/etc/hosts')).to.equal(hosts);
    expect((await engine.containers({ 'mothership.kind': 'node-job' })).length).to.equal(0);
  });
});
