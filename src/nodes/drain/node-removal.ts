import type { NodePorts } from '../ports.ts';
import { names } from '#cluster/names.ts';
import type { NodeInfo } from '#engine';
import { fail } from '#errors';
import { waitUntil } from '#events';
import { changeNode, findNode } from '../change.ts';
import { refusesDemotion } from '../quorum.ts';
import { startOnNode } from '../care/node-job.ts';
import { Drain } from './node-drain.ts';
import type { NodeTask } from '../node-tasks.ts';
import type { OperationRun } from '#operations/operations.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';

const ROLE_MS = 60_000;
const LEAVE_MS = 60_000;
const STOP_SECONDS = 15;
const HAND_OVER_MS = 60_000;
const LOOK_EVERY_MS = 500;

/**
 * Runs on the leaving node, outside Swarm, whose agent the drain stops too: waits until all tasks are gone, then leaves
 * the Swarm. Images can set Swarm's label, but not its names. The argument is the node's id: an engine that has joined
 * another Swarm is left alone.
 */
export const LEAVER = `
const { request } = require('node:http');
const socketPath = '/var/run/docker.sock';
const tasksOnly = encodeURIComponent('{"label":["com.docker.swarm.task.id"]}');
const call = (method, path) => new Promise((resolve, reject) => request({ socketPath, method, path }, (answer) => {
  let text = ''; answer.on('data', (chunk) => { text += chunk; }).on('end', () => resolve(text));
}).on('error', reject).end());
(async () => {
  for (let left = 600; left > 0; left -= 1) {
    const { Swarm } = JSON.parse(await call('GET', '/info'));
    if (Swarm.NodeID !== process.argv[1]) return;
    const labelled = JSON.parse(await call('GET', '/containers/json?filters=' + tasksOnly));
    const tasks = labelled.filter(({ Names }) => Names.some((name) => /[.][0-9a-z]{25}$/.test(name)));
    if (tasks.length === 0) return call('POST', '/swarm/leave?force=true');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
})();
`;

/** Removes a node from the cluster: drains it, demotes a manager, makes its engine leave, and deletes it. */
export class Removal {
  readonly #parts: NodePorts;
  readonly #drain: Drain;
  readonly #node: NodeInfo;
  readonly #work: OperationRun;

  constructor(parts: NodePorts, flow: ReleaseFlow, node: NodeInfo, task: NodeTask, work: OperationRun) {
    this.#parts = parts;
    this.#drain = new Drain(parts, flow, node, task, work);
    this.#node = node;
    this.#work = work;
  }

  async run(): Promise<string[]> {
    await this.#drain.mark();
    await this.#handOver();
    const moved = await this.#drain.moveAway();
    await demote(this.#parts, this.#node.id, this.#work.signal);
    const leaves = await this.#sendLeaver();
    await this.#drain.stopRest();
    const left = await this.#gone(leaves ? LEAVE_MS : 0);
    await this.#parts.engine.removeNode(this.#node.id, { force: true });
    if (!left)
      this.#work.emit({
        type: 'notice',
        level: 'warning',
        message:
          `${this.#node.hostname} did not confirm that it left. Run \`docker swarm leave --force\` ` +
          'there before it joins a cluster again.',
      });
    return moved;
  }

  /** A demoted manager's engine is useless to a controller: Swarm starts the next one on another manager. */
  async #handOver(): Promise<void> {
    const { engine, clock } = this.#parts;
    if ((await engine.info()).nodeId !== this.#node.id) return;
    const tasks = await engine.tasks({ service: names.controller, desired: 'running' });
    const own = tasks.find((task) => task.nodeId === this.#node.id && task.containerId);
    if (!own) return;
    this.#work.emit({
      type: 'notice',
      level: 'info',
      message: 'Moving the controller to another manager, which continues there',
    });
    await engine.stopContainer(own.containerId!, STOP_SECONDS);
    await clock.sleep(HAND_OVER_MS, this.#work.signal);
    throw fail('NODE_HAND_OVER_FAILED', { node: this.#node.hostname });
  }

  /** Returns false if no container on the node can run it. */
  async #sendLeaver(): Promise<boolean> {
    const { engines, cluster } = this.#parts;
    try {
      const engine = await engines.on(this.#node.id);
      if ((await engine.info()).nodeId !== this.#node.id) return false;
      await startOnNode(engine, {
        name: 'mothership-leave',
        cluster: cluster.name,
        network: 'none',
        command: ['node', '-e', LEAVER, this.#node.id],
        mounts: [{ type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock' }],
      });
      return true;
    } catch (error) {
      this.#parts.logger.warn({ err: error, node: this.#node.id }, 'could not ask the node to leave');
      return false;
    }
  }

  async #gone(within: number): Promise<boolean> {
    const pace = { every: LOOK_EVERY_MS, within, signal: this.#work.signal };
    const gone = await waitUntil(this.#parts.clock, pace, async () => {
      const node = await findNode(this.#parts.engine, this.#node.id);
      return !node || node.state === 'down';
    });
    return gone === true && within > 0;
  }
}

/** Demotes a manager and waits until it is a worker. Throws NODE_DEMOTION_REFUSED if too few managers would remain. */
export async function demote({ engine, clock }: NodePorts, id: string, signal?: AbortSignal): Promise<void> {
  const nodes = await engine.nodes();
  const node = nodes.find((each) => each.id === id);
  if (!node) throw fail('NODE_NOT_FOUND', { node: id });
  if (node.role === 'manager') {
    const why = refusesDemotion(nodes, node);
    if (why) throw fail('NODE_DEMOTION_REFUSED', { node: node.hostname, why });
    await changeNode(engine, id, () => ({ role: 'worker' }));
  }
  // Until Swarm removes it from the managers' Raft group, it counts for their quorum.
  const hasLeftRaft = async (): Promise<boolean> => (await findNode(engine, id))?.reachability === undefined;
  if (!(await waitUntil(clock, { every: LOOK_EVERY_MS, within: ROLE_MS, signal }, hasLeftRaft)))
    throw fail('NODE_ROLE_UNCHANGED', { node: node.hostname, seconds: ROLE_MS / 1000 });
}
