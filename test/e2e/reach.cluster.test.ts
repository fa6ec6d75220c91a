import { expect } from 'chai';
import type { LabNode } from '../lab/index.ts';
import { eventually, type Cluster } from '../fixtures/cluster.ts';
import { LabFleet, powerOff, powerOn } from '../fixtures/fleet.ts';
import { documentTable, openIn, probeEverywhere, SOURCES, Surroundings, type Reached } from '../fixtures/reach.ts';
import { SteadyVisitor } from '../fixtures/steady-visitor.ts';

const RESTARTS = 10;
/** Time in which a router that is ready is known everywhere. */
const KNOWN_MS = 2_000;

describe('what code of an app reaches on two nodes', function () {
  this.timeout(900_000);
  const fleet = new LabFleet();
  let mothership: Cluster;
  let nodes: LabNode[];
  let around: Surroundings;
  let found: Reached;

  before(async () => {
    await fleet.start();
    const size = ['--managers', '1', '--workers', '1', '--zone', 'eu-central-1a', '--admin-cidr', '172.17.0.0/16'];
    const setup = ['setup', '--provider', 'aws', ...size, '--yes', '--ssh-key', fleet.keyFile];
    const { machines } = await fleet.client().json<{ machines: { id: string }[] }>(setup, { env: fleet.env });
    nodes = await Promise.all(machines.map(({ id }) => fleet.node(id)));
    mothership = fleet.client(nodes[0]);
    around = new Surroundings(mothership, nodes);
    await around.prepare();
    found = await probeEverywhere(mothership, around);
  });
  after(() => fleet.stop());

  it('is nothing of what belongs to another app, the platform or a machine, though all of it answers', async () => {
    expect([...found.keys()]).to.have.members([...SOURCES]);
    expect(openIn(found)).to.deep.equal([]);
    expect(await around.answering()).to.have.members([...new Set(around.targets.map(({ title }) => title))]);
  });

  it('is what docs/security.md says', () => documentTable('two nodes', found, around.targets));

  const routerOn = async (node: LabNode): Promise<string> => {
    const filters = ['--filter', 'label=mothership.kind=router', '--filter', 'health=healthy'];
    return node.docker(['ps', '-q', ...filters]);
  };

  it(`leaves requests alone while a router restarts ${RESTARTS} times: none fails through the other one`, async () => {
    const [steady, restarted] = [mothership, fleet.client(nodes[1])];
    await mothership.ok(['ps:scale', 'web=2', '-a', 'neighbour']);
    const visitor = new SteadyVisitor(steady, ['neighbour'], 50);
    const answers: number[] = [];
    for (let n = 0; n < RESTARTS; n += 1) {
      await restarted.node.docker(['kill', await routerOn(restarted.node)]);
      await eventually('a healthy router', 60, () => routerOn(restarted.node));
      await new Promise((resolve) => setTimeout(resolve, KNOWN_MS));
      for (let request = 0; request < 20; request += 1) answers.push((await restarted.http('neighbour')).status);
    }
    const { sent, failures } = await visitor.stop();
    process.stderr.write(`      ${sent} requests through the other router, ${failures.length} failed\n`);
    expect(failures).to.deep.equal([]);
    expect(answers.filter((status) => status !== 200)).to.deep.equal([]);
  });

  it('is as little after a node was off, as soon as its agent says so', async () => {
    const { node } = fleet.client(nodes[1]);
    await powerOff(node);
    await powerOn(node);
    const began = Date.now();
    const isolated = async (): Promise<boolean | undefined> => {
      const { isolation } = await mothership.json<{ isolation: { enforced: boolean }[] | null }>(['cluster:info']);
      return (isolation?.length === 2 && isolation.every(({ enforced }) => enforced)) || undefined;
    };
    await eventually('both nodes enforce the rules', 120, isolated);
    process.stderr.write(`      ${Date.now() - began} ms after the engine was back\n`);
  });
});
