import type { LogLine, NodeInfo, ServiceSpec, TaskInfo, TaskState } from '../../src/engine/index.ts';
import { FakeStream, type FakeRaft } from './fake-engine-raft.ts';
import type { FakeNetworks } from './fake-engine-networks.ts';

/** What the tasks of a service do once they are scheduled. */
export interface TaskBehaviour {
  /**
   * Where they get to: `running` (default), stay in `pending` or `preparing`, or end as `failed`, `complete`
   * or `rejected` (no such image); ended ones are followed by another as the restart policy says.
   */
  readonly state?: 'pending' | 'preparing' | 'running' | 'failed' | 'complete' | 'rejected';
  /** From creation to `state`. */
  readonly afterMs?: number;
  readonly exitCode?: number;
  readonly error?: string;
  readonly output?: readonly string[];
}

/** A task with what the fake knows beyond what the engine tells. */
export interface FakeTask {
  info: TaskInfo;
  readonly dueAt: number;
  readonly log: FakeStream<LogLine>;
}

const ENDED: readonly TaskState[] = ['complete', 'failed', 'rejected', 'shutdown'];

export function hasEnded(task: FakeTask): boolean {
  return ENDED.includes(task.info.state);
}

export interface TaskPlace {
  readonly serviceId: string;
  readonly spec: ServiceSpec;
  readonly slot: number;
  readonly node: NodeInfo | undefined;
  /** Why there is no node. */
  readonly unplaced: string;
  readonly delayMs: number;
}

/** A task as Swarm makes it: assigned to a node, or pending with the reason. */
export function newTask(raft: FakeRaft, networks: FakeNetworks, place: TaskPlace): FakeTask {
  const { spec, node } = place;
  const at = raft.timestamp();
  const addresses = spec.networks.flatMap(({ id }) => networks.address(id) ?? []);
  const info: TaskInfo = {
    id: raft.swarmId('task'),
    serviceId: place.serviceId,
    slot: place.slot,
    nodeId: node?.id ?? '',
    state: node ? 'assigned' : 'pending',
    desired: 'running',
    message: node ? 'scheduler assigned task to node' : 'pending task scheduling',
    error: node ? '' : place.unplaced,
    exitCode: undefined,
    image: spec.image,
    containerId: undefined,
    labels: spec.containerLabels ?? {},
    addresses: Object.fromEntries(addresses.map(({ network, address }) => [network, address])),
    createdAt: at,
    since: at,
  };
  return { info, dueAt: raft.now() + place.delayMs, log: new FakeStream() };
}

const MESSAGES: Partial<Record<TaskState, string>> = {
  running: 'started',
  complete: 'finished',
  failed: 'started',
  preparing: 'preparing',
};

/** Moves a task that is due to where its behaviour says. */
export function arrive(task: FakeTask, behaviour: TaskBehaviour, raft: FakeRaft): void {
  const state = behaviour.state ?? 'running';
  if (task.info.state === state) return;
  const containerId = state === 'running' || state === 'failed' || state === 'complete' ? raft.hexId() : undefined;
  task.info = { ...task.info, containerId };
  if (containerId) speak(task, behaviour.output ?? [], raft);
  if (state === 'failed' || state === 'complete' || state === 'rejected') end(task, state, behaviour, raft);
  else
    task.info = {
      ...task.info,
      state,
      message: MESSAGES[state] ?? state,
      error: behaviour.error ?? '',
      since: raft.timestamp(),
    };
}

export function end(
  task: FakeTask,
  state: 'failed' | 'complete' | 'rejected',
  how: { exitCode?: number; error?: string },
  raft: FakeRaft,
): void {
  const exitCode = how.exitCode ?? (state === 'complete' ? 0 : 1);
  const error = how.error ?? (state === 'failed' ? `task: non-zero exit (${exitCode})` : '');
  task.info = {
    ...task.info,
    state,
    desired: 'shutdown',
    message: MESSAGES[state] ?? state,
    error,
    exitCode: state === 'rejected' ? undefined : exitCode,
    since: raft.timestamp(),
  };
  task.log.close();
}

export function speak(
  task: FakeTask,
  lines: readonly string[],
  raft: FakeRaft,
  stream: LogLine['stream'] = 'stdout',
): void {
  task.log.push(...lines.map((line): LogLine => ({ stream, line, at: raft.timestamp() })));
}
