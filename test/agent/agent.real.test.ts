import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { nodeReport } from '../../src/agent/index.ts';
import { createAgent } from '../../src/agent/agent.ts';
import { dockerEngine } from '../../src/engine/index.ts';
import { agentDial } from '../../src/nodes/engines/agent-dial.ts';
import { containerContract } from '../engine/containers.contract.ts';
import { imageContract } from '../engine/images.contract.ts';
import { CONTRACT, type Subject } from '../engine/subject.ts';
import { BASE_IMAGE, cleanup, newRunId, startNode, type LabNode } from '../lab/index.ts';
import { authority, type Authority } from './certificates.ts';

const nothing = (): void => {};

describe('a real engine behind its agent', function () {
  this.timeout(60_000);
  const runId = newRunId();
  let trust: Authority;
  let node: LabNode;
  let agent: ReturnType<typeof createAgent>;
  let subject: Subject;

  before(async function () {
    this.timeout(600_000);
    trust = authority();
    node = await startNode({ name: 'agent', runId });
    await node.loadImage(BASE_IMAGE);
    agent = createAgent({
      ...trust.issue('agent', 'agent.mothership.internal'),
      ca: trust.ca,
      socketPath: node.socket,
      report: nodeReport,
    });
    agent.listen(0, '127.0.0.1');
    await once(agent, 'listening');
    const dial = agentDial({ ca: trust.ca, ...trust.issue('controller') }, (agent.address() as AddressInfo).port);
    subject = {
      engine: dockerEngine({ dial: () => dial('127.0.0.1'), where: 'the agent' }),
      image: BASE_IMAGE,
      teachProgram: nothing,
      teachService: nothing,
    };
  });
  afterEach(async () => {
    for (const container of await subject.engine.containers(CONTRACT))
      await subject.engine.removeContainer(container.id);
    for (const image of await subject.engine.images(CONTRACT))
      for (const tag of image.tags) await subject.engine.removeImage(tag);
  });
  after(async () => {
    agent.close();
    trust.remove();
    await cleanup(runId);
  });

  containerContract(() => subject);
  imageContract(() => subject);
});
