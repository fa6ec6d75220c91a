import { KIND, label } from '#labels.ts';
import type { NodePorts } from '../ports.ts';
import type { NodeInfo, TaskInfo } from '#engine';
import { fail, isMothershipError } from '#errors';
import { inPhase, waitUntil } from '#events';
import { changeNode, findNode } from '../change.ts';
import { observeSwarm, tasksOn } from '../observed.ts';
import { isOfGeneration } from '#rollout';
import type { AppRecord } from '#store';
import { moveApp } from './app-relocation.ts';
import { taskLabel, withoutTask, type NodeTask } from '../node-tasks.ts';
import type { OperationRun } from '#operations/operations.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';

/** A process may use its whole grace period to stop, a router 40 s. */
const EMPTY_MS = 180_000;
/** Time for Swarm to start workers elsewhere; `ps` shows the rest. */
const WHOLE_MS = 60_000;
const LOOK_EVERY_MS = 500;

/**
 * Drains a node. Swarm alone would stop its tasks and then start others. Instead, apps are first started on other nodes
 * while the node gets no new tasks, and the node is drained only when the routers use the new ones.
 */
export class Drain {
  readonly #parts: NodePorts;
  readonly #flow: ReleaseFlow;
  readonly #node: NodeInfo;
  readonly #task: NodeTask;
  readonly #work: OperationRun;

  constructor(parts: NodePorts, flow: ReleaseFlow, node: NodeInfo, task: NodeTask, work: OperationRun) {
    this.#parts = parts;
    this.#flow = flow;
    this.#node = node;
    this.#task = task;
    this.#work = work;
  }

  /** Returns the names of the moved apps. Until the node is drained, a failure leaves it unchanged. */
  async run(): Promise<string[]> {
    await this.mark();
    const moved = await this.moveAway();
    await this.stopRest();
    return moved;
  }

  /** From here on the node gets no new tasks, and a successor of this controller knows how to continue. */
  async mark(): Promise<void> {
    await changeNode(this.#parts.engine, this.#node.id, (node) => ({
      labels: { ...node.labels, ...taskLabel(this.#task) },
      ...(node.availability === 'active' ? { availability: 'pause' } : {}),
    }));
  }

  async moveAway(): Promise<string[]> {
    const { engine } = this.#parts;
    if (this.#node.state === 'down' || this.#node.availability === 'drain') return [];
    try {
      return await this.#phase('move', () => this.#moveApps());
    } catch (error) {
      await changeNode(engine, this.#node.id, (node) => ({ ...withoutTask(node), availability: 'active' })).catch(
        () => undefined,
      );
      throw error;
    }
  }

  /** If this is the controller's own node, the controller stops here and its successor resumes the operation. */
  async stopRest(): Promise<void> {
    await this.#phase('stop', async () => {
      const services = new Set((await this.#tasks()).map((task) => task.serviceId));
      await changeNode(this.#parts.engine, this.#node.id, () => ({ availability: 'drain' }));
      await this.#empty();
      await this.#whole(services);
    });
  }

  async #moveApps(): Promise<string[]> {
    const moved: string[] = [];
    for (const app of await this.#apps()) {
      this.#work.signal.throwIfAborted();
      try {
        await moveApp(this.#parts, this.#flow, { app, kind: this.#task.kind, by: this.#task.by }, this.#work);
        moved.push(app.name);
        this.#say('info', `${app.name} is now served from other nodes`);
      } catch (error) {
        if (!this.#task.force || !isMothershipError(error, 'NODE_MOVE_FAILED')) throw error;
        this.#say('warning', `${app.name} could not be moved first and is interrupted: ${error.message}`);
      }
    }
    return moved;
  }

  /** Apps with requests to lose. If the node leaves for good, workers are moved in order too. */
  async #apps(): Promise<AppRecord[]> {
    const [observed, apps] = await Promise.all([observeSwarm(this.#parts.engine), this.#parts.store.apps.list()]);
    const there = tasksOn(observed, this.#node).filter(({ service }) => service.labels[label.kind] === KIND.process);
    const wanted = there.filter(({ service }) => this.#task.kind === 'remove' || service.labels[label.type] === 'web');
    return apps.filter(({ id, live }) => wanted.some(({ service }) => isOfGeneration(service.labels, id, live)));
  }

  async #empty(): Promise<void> {
    let left: TaskInfo[] = [];
    if (await this.#until(EMPTY_MS, async () => (left = await this.#tasks()).length === 0)) return;
    const names = new Map((await this.#parts.engine.services({})).map((service) => [service.id, service.name]));
    const which = left.map((task) => `${names.get(task.serviceId) ?? task.serviceId}.${task.slot}`);
    throw fail('NODE_NOT_EMPTY', { node: this.#node.hostname, left: which, seconds: EMPTY_MS / 1000 });
  }

  #until(within: number, probe: () => Promise<boolean>): Promise<true | undefined> {
    return waitUntil(this.#parts.clock, { every: LOOK_EVERY_MS, within, signal: this.#work.signal }, probe);
  }

  /** A node that is down does not report ended tasks, so only the desired state is known. */
  async #tasks(): Promise<TaskInfo[]> {
    const node = await findNode(this.#parts.engine, this.#node.id);
    const tasks = (await this.#parts.engine.tasks({})).filter((task) => task.nodeId === this.#node.id);
    return tasks.filter(
      (task) => (node?.state === 'ready' && IN_CONTAINER.includes(task.state)) || task.desired === 'running',
    );
  }

  async #whole(services: ReadonlySet<string>): Promise<void> {
    let missing: string[] = [];
    if (!(await this.#until(WHOLE_MS, async () => (missing = await this.#missing(services)).length === 0)))
      this.#say('warning', `Not everything is running again on other nodes: ${missing.join(', ')}`);
  }

  async #missing(ids: ReadonlySet<string>): Promise<string[]> {
    const [services, tasks] = await Promise.all([
      this.#parts.engine.services({}),
      this.#parts.engine.tasks({ desired: 'running' }),
    ]);
    return services
      .filter(
        ({ id, replicas, labels }) => ids.has(id) && replicas !== 'global' && labels[label.kind] !== KIND.detached,
      )
      .flatMap((service) => {
        const up = tasks.filter((task) => task.serviceId === service.id && task.state === 'running').length;
        return up < Number(service.replicas) ? [`${service.name} ${up}/${service.replicas}`] : [];
      });
  }

  #say(level: 'info' | 'warning', message: string): void {
    this.#work.emit({ type: 'notice', level, message });
  }

  #phase<T>(phase: string, work: () => Promise<T>): Promise<T> {
    return inPhase(phase, work, { clock: this.#parts.clock, emit: (event) => this.#work.emit(event) });
  }
}

/** Task states that occupy a node. */
const IN_CONTAINER: readonly TaskInfo['state'][] = ['preparing', 'ready', 'starting', 'running'];
