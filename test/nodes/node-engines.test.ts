import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeReport } from '../../src/agent/index.ts';
import { createAgent } from '../../src/agent/agent.ts';
import { agentDial } from '../../src/nodes/engines/agent-dial.ts';
import { AgentEngines, LocalEngines } from '../../src/nodes/engines/node-engines.ts';
import { refusal } from '../engine/subject.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { authority, type Authority } from '../agent/certificates.ts';

const AGENT = {
  name: 'mothership-agent',
  labels: {},
  image: 'agent',
  env: {},
  replicas: 'global' as const,
  endpointMode: 'dnsrr' as const,
  restart: { condition: 'any' as const, delayMs: 0 },
};

describe('the engines of all nodes', () => {
  let trust: Authority;
  let folder: string;
  let docker: Server;
  let agent: ReturnType<typeof createAgent>;
  let swarm: FakeEngine;
  let engines: AgentEngines;
  const dialled: string[] = [];

  before(async () => {
    trust = authority();
    folder = await mkdtemp(join(tmpdir(), 'engines-'));
    const socketPath = join(folder, 'docker.sock');
    docker = createServer((request, response) =>
      response.end(
        JSON.stringify(
          request.url === '/version' ? { ApiVersion: '1.45' } : { Volumes: [{ Name: 'there', Labels: {} }] },
        ),
      ),
    );
    docker.listen(socketPath);
    agent = createAgent({
      ...trust.issue('agent', 'agent.mothership.internal'),
      ca: trust.ca,
      socketPath,
      report: nodeReport,
    });
    agent.listen(0, '127.0.0.1');
    await once(agent, 'listening');
  });
  beforeEach(async () => {
    dialled.length = 0;
    swarm = new FakeEngine({ nodes: [{}, {}, { state: 'down' }] });
    const control = await swarm.createNetwork({ name: 'mothership-control', driver: 'overlay', labels: {} });
    await swarm.createService({ ...AGENT, networks: [{ id: control }] });
    const dial = agentDial({ ca: trust.ca, ...trust.issue('controller') }, (agent.address() as AddressInfo).port);
    engines = new AgentEngines({
      local: swarm,
      clock: { now: () => Date.now() },
      dial: (address) => (dialled.push(address), dial('127.0.0.1')),
    });
  });
  after(async () => {
    agent.close();
    docker.closeAllConnections();
    docker.close();
    trust.remove();
    await rm(folder, { recursive: true });
  });

  const nodes = async (): Promise<string[]> => (await swarm.nodes()).map(({ id }) => id);

  it('are this one where the controller runs, and behind agents elsewhere', async () => {
    const [here, there] = await nodes();
    expect(await engines.on(here!)).to.equal(swarm);
    expect(await (await engines.on(there!)).volumes({})).to.deep.equal([{ name: 'there', labels: {} }]);
    const [task] = (await swarm.tasks({ service: 'mothership-agent' })).filter(({ nodeId }) => nodeId === there);
    expect(dialled).to.deep.equal(Object.values(task!.addresses));
  });

  it('are told of those that live', async () => {
    const [here, there] = await nodes();
    expect((await engines.all()).map(({ node }) => node.id)).to.deep.equal([here, there]);
  });

  it('tell the state of their machines', async () => {
    for (const id of (await nodes()).slice(0, 2))
      expect((await engines.report(id)).memory.total).to.be.greaterThan(1e6);
  });

  it('say which node is down, unknown, has no agent', async () => {
    const [, there, down] = await nodes();
    expect((await refusal(engines.on(down!), 'NODE_UNREACHABLE')).message).to.equal(
      'The node node-3 is not responding: it is down.',
    );
    await refusal(engines.on('nobody'), 'NODE_UNREACHABLE');
    await swarm.removeService('mothership-agent');
    const later = new AgentEngines({
      local: swarm,
      clock: { now: () => Date.now() },
      dial: () => expect.fail('dialled'),
    });
    expect((await refusal(later.on(there!), 'NODE_UNREACHABLE')).message).to.include('no agent is running there');
  });

  it('say so within three seconds when an agent is silent, refuses or is somebody else', async function () {
    this.timeout(10_000);
    const [, there] = await nodes();
    const identity = { ca: trust.ca, ...trust.issue('controller') };
    const silent = createTcpServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const stranger = authority();
    const impostor = createAgent({
      ...stranger.issue('agent', 'agent.mothership.internal'),
      ca: trust.ca,
      socketPath: join(folder, 'docker.sock'),
      report: nodeReport,
    });
    impostor.listen(0, '127.0.0.1');
    await once(impostor, 'listening');
    try {
      for (const [port, why] of [
        [(silent.address() as AddressInfo).port, 'timed out'],
        [1, 'ECONNREFUSED'],
        [(impostor.address() as AddressInfo).port, 'certificate'],
      ] as const) {
        const dial = agentDial(identity, port);
        const began = Date.now();
        const lost = new AgentEngines({
          local: swarm,
          clock: { now: () => Date.now() },
          dial: () => dial('127.0.0.1'),
        });
        const error = await refusal((await lost.on(there!)).volumes({}), 'NODE_UNREACHABLE');
        expect(error.message).to.include('node-2').and.to.include(why);
        expect(Date.now() - began).to.be.lessThan(3_500);
      }
    } finally {
      for (const server of [silent, impostor]) server.close();
      stranger.remove();
    }
  });

  it('are one in a cluster of one node', async () => {
    const alone = new LocalEngines(swarm);
    expect(await alone.on()).to.equal(swarm);
    expect((await alone.all()).map(({ engine }) => engine)).to.deep.equal([swarm]);
  });
});
