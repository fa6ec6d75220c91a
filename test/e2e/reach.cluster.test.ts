import { appendFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { InstalledFiles } from '../../src/cluster/index.ts';
import { platformImages } from '../../src/cluster/images/platform-images.ts';
import { STACK } from '../../src/cluster/setup/options.ts';
import { names } from '../../src/cluster/names.ts';
import type { LabNode } from '../lab/index.ts';
import { Cluster, eventually } from '../fixtures/cluster.ts';
import { accepts, LabFleet, powerOff, powerOn } from '../fixtures/fleet.ts';
import { Intruder, within } from '../fixtures/intruder.ts';
import { documentTable, openIn, probeEverywhere, SOURCES, Surroundings, type Reached } from '../fixtures/reach.ts';
import { SteadyVisitor, type Visits } from '../fixtures/steady-visitor.ts';

const RESTARTS = 50;
const REQUESTS_AFTER_RESTART = 20;
/** A router that accepts connections is known to its node's rules within this time. */
const KNOWN_MS = 2_000;
const FLUSHES = 3;
const REPAIRED_MS = 1_000;
const BOOTS = 2;
/** From the first failed request to the last: the controller is replaced, then the routers, one after another. */
const MAX_AWAY_MS = 40_000;

/** Removes the rules where the agent keeps them, and prints the milliseconds until they are back. */
const FLUSH = `
ns=$(ls -d /run/docker/netns/*-$(printf %.10s "$1") | tail -n 1)
nsenter --net="$ns" nft flush ruleset
began=$(date +%s%3N)
until nsenter --net="$ns" nft list table bridge mothership > /dev/null 2>&1; do sleep 0.01; done
echo $(($(date +%s%3N) - began))
`;

describe('what code of an app reaches on two nodes', function () {
  this.timeout(600_000);
  const fleet = new LabFleet();
  const setup = [
    ...['setup', '--provider', 'aws', '--managers', '1', '--workers', '1', '--zone', 'eu-central-1a'],
    ...['--admin-cidr', '172.17.0.0/16', '--yes'],
  ];
  let mothership: Cluster;
  let nodes: LabNode[];
  let around: Surroundings;
  let found: Reached;
  let intruders: Promise<Intruder[]> | undefined;

  before(async () => {
    await fleet.start();
    const { machines } = await fleet
      .client()
      .json<{ machines: { id: string }[] }>([...setup, '--ssh-key', fleet.keyFile], { env: fleet.env });
    nodes = await Promise.all(machines.map(({ id }) => fleet.node(id)));
    mothership = fleet.client(nodes[0]);
    around = new Surroundings(mothership, nodes);
    await around.prepare();
    found = await probeEverywhere(mothership, around);
  });
  after(() => fleet.stop());

  const note = (text: string): void => void process.stderr.write(`      ${text}\n`);

  it('is tried from everywhere', () => expect([...found.keys()]).to.have.members([...SOURCES]));

  it('is there: machines and the containers that own it reach it', async () => {
    expect(await around.answering()).to.have.members([...new Set(around.targets.map(({ title }) => title))]);
  });

  it('is nothing of what belongs to another app, the platform or a machine', () => {
    expect(openIn(found)).to.deep.equal([]);
  });

  it('is what docs/security.md says', () => documentTable('two nodes', found, around.targets));

  /** The containers of a service of the platform on a node that run. */
  const running = async (node: LabNode, service: string): Promise<string[]> =>
    (await node.docker(['ps', '-q', '--filter', `label=com.docker.swarm.service.name=${service}`]))
      .split('\n')
      .filter(Boolean);

  it(`leaves requests alone while a router restarts ${RESTARTS} times: none fails through the other one`, async () => {
    await mothership.ok(['ps:scale', 'web=2', '-a', 'bystander']);
    const [, second] = nodes as [LabNode, LabNode];
    const restarted = fleet.client(second);
    const visitor = new SteadyVisitor(mothership, ['bystander'], 50);
    const answers: (number | string)[] = [];
    for (let n = 0; n < RESTARTS; n += 1) {
      const [killed] = await running(second, names.router);
      await second.docker(['kill', killed!]);
      await eventually('another router', 60, async () =>
        (await running(second, names.router)).some((id) => id !== killed),
      );
      await eventually('connections that it accepts', 60, () => accepts(second.ip, 80));
      await new Promise((resolve) => setTimeout(resolve, KNOWN_MS));
      for (let request = 0; request < REQUESTS_AFTER_RESTART; request += 1)
        answers.push(
          await restarted.http('bystander').then(
            ({ status }) => status,
            (error: NodeJS.ErrnoException) => error.code ?? error.message,
          ),
        );
    }
    const { sent, failures } = await visitor.stop();
    const failed = answers.filter((answer) => answer !== 200);
    note(`${failures.length} of ${sent} requests failed through the other router`);
    note(`${failed.length} of ${answers.length} failed ${KNOWN_MS} ms after a restart: ${failed.join(' ')}`);
    expect(failures).to.deep.equal([]);
    expect(failed).to.deep.equal([]);
  });

  /** One on each node, all at the same web process on the first. */
  const intrude = (): Promise<Intruder[]> => (intruders ??= startIntruders());

  async function startIntruders(): Promise<Intruder[]> {
    await mothership.ok(['ps:scale', 'web=2', '-a', 'bystander']);
    const network = (await mothership.engine.network(names.proxyNetwork))!.id;
    const first = await nodes[0]!.docker(['info', '-f', '{{.Swarm.NodeID}}']);
    const labels = { 'mothership.app': 'bystander', 'mothership.type': 'web' };
    const web = (await mothership.engine.tasks({ labels, desired: 'running' })).find(({ nodeId }) => nodeId === first);
    const target = { host: web!.addresses[network]!, port: Number(web!.labels['mothership.port']) };
    return Promise.all(nodes.map((node) => Intruder.start(mothership, node, target)));
  }

  it('is open for a moment only when somebody removes the rules of a node', async () => {
    const network = (await mothership.engine.network(names.proxyNetwork))!.id;
    for (const intruder of await intrude()) {
      const { node } = intruder;
      const began = Date.now();
      const repaired: number[] = [];
      for (let flush = 0; flush < FLUSHES; flush += 1) {
        const [agent] = await running(node, names.agent);
        repaired.push(Number(await node.docker(['exec', agent!, 'sh', '-c', FLUSH, 'sh', network])));
      }
      const over = Date.now();
      const { open } = await intruder.attempts(20, over + REPAIRED_MS);
      note(`${node.name}: the rules were back after ${repaired.join(', ')} ms; ${open.length} connections opened`);
      expect(Math.max(...repaired)).to.be.below(REPAIRED_MS);
      // It would have got through all the time, if nothing kept it.
      expect(within(open, began, over)).to.not.be.empty;
      expect([...within(open, 0, began), ...within(open, over + REPAIRED_MS)]).to.deep.equal([]);
    }
  });

  /** When the agent that has replaced `before` on a node said that web processes are isolated, in ms of the epoch. */
  const isolatedBy = async (node: LabNode, before: readonly string[]): Promise<number> =>
    eventually('an agent that enforces the rules', 120, async () => {
      const next = (await running(node, names.agent)).find((id) => !before.includes(id));
      const log = next ? await node.docker(['logs', '--timestamps', next]) : '';
      const [, at] = /^(\S+) web processes are isolated/m.exec(log) ?? [];
      return at === undefined ? undefined : Date.parse(at);
    });

  it('stays closed while the agent of a node is away', async () => {
    const [, intruder] = (await intrude()) as [Intruder, Intruder];
    const { node } = intruder;
    const agents = await running(node, names.agent);
    const killed = Date.now();
    await node.docker(['kill', ...agents]);
    const back = await isolatedBy(node, agents);
    const { open, closed } = await intruder.attempts(20, back);
    const tried = within(closed, killed, back).length;
    note(
      `without an agent for ${back - killed} ms: 0 of ${tried} attempts may open, ${within(open, killed).length} did`,
    );
    expect(tried).to.be.above(5);
    expect(within(open, killed)).to.deep.equal([]);
  });

  it('is open after a boot only until the agent runs', async () => {
    const [, intruder] = (await intrude()) as [Intruder, Intruder];
    const { node } = intruder;
    for (let boot = 0; boot < BOOTS; boot += 1) {
      const agents = await running(node, names.agent);
      await powerOff(node);
      await powerOn(node);
      const up = Date.now();
      const isolated = await isolatedBy(node, agents);
      const { began, open, closed } = await intruder.attempts(20, isolated + REPAIRED_MS);
      const last = open.at(-1);
      note(`boot ${boot + 1}: after the engine answered, the agent enforced the rules at ${isolated - up} ms`);
      note(`  a process that began at ${began - up} ms opened ${open.length} of ${open.length + closed.length}`);
      if (last !== undefined) note(`  connections, from ${open[0]! - up} to ${last - up} ms`);
      expect(within(open, isolated + REPAIRED_MS)).to.deep.equal([]);
    }
  });

  it('stays as it is while setup brings the images of a later package', async () => {
    const all = await intrude();
    const later = new Cluster({ node: nodes[0]!, home: fleet.folder, installation: await laterPackage() });
    const visitors = nodes.map((node) =>
      ['bystander', 'mothership/health'].map((host) => new SteadyVisitor(fleet.client(node), [host], 100)),
    );
    const began = Date.now();
    await later.ok([...setup, '--ssh-key', fleet.keyFile], { env: fleet.env });
    note(`setup took ${Math.round((Date.now() - began) / 1000)} s`);
    for (const [index, pair] of visitors.entries()) {
      const [app, api] = (await Promise.all(pair.map((visitor) => visitor.stop()))) as [Visits, Visits];
      note(`node ${index + 1}: the API was away for ${api.outageMs} ms, ${api.failures.length} of ${api.sent} failed`);
      note(`  ${app.failures.length} of ${app.sent} requests to an app failed within ${app.outageMs} ms`);
      expect(api.outageMs).to.be.below(MAX_AWAY_MS);
      expect(app.outageMs).to.be.below(MAX_AWAY_MS);
    }
    for (const intruder of all) {
      const { open } = await intruder.attempts(20, Date.now());
      expect(within(open, began), intruder.service).to.deep.equal([]);
    }
  });

  /** This package with other bytes in the controller's and the router's images, which are made without a build. */
  async function laterPackage(): Promise<string> {
    const [now, later] = [fleet.client().installation, join(fleet.folder, 'later')];
    await cp(now, later, { recursive: true });
    await appendFile(join(later, 'dist/controller/server.js'), '\n// Later.\n');
    await appendFile(join(later, 'templates/images/router/nginx.conf'), '\n# Later.\n');
    const [from, to] = await Promise.all([now, later].map((root) => platformImages(new InstalledFiles(root), STACK)));
    for (const name of ['controller', 'router'] as const)
      await nodes[0]!.docker(['build', '-q', '-t', to![name].tag, '-'], {
        stdin: `FROM ${from![name].tag}\nLABEL later=true\n`,
        env: { DOCKER_BUILDKIT: '0' },
      });
    return later;
  }
});
