import type { Labels } from '../connection/labels.ts';

export type TaskState =
  | 'new'
  | 'pending'
  | 'assigned'
  | 'accepted'
  | 'preparing'
  | 'ready'
  | 'starting'
  | 'running'
  | 'complete'
  | 'shutdown'
  | 'failed'
  | 'rejected'
  | 'remove'
  | 'orphaned';

export interface TaskInfo {
  readonly id: string;
  readonly serviceId: string;
  readonly slot: number;
  readonly nodeId: string;
  readonly state: TaskState;
  readonly desired: 'running' | 'shutdown' | 'ready' | 'remove';
  /** Swarm's message about the state, for example "started" or "no suitable node (insufficient resources)". */
  readonly message: string;
  readonly error: string;
  /** Of an exited container. */
  readonly exitCode: number | undefined;
  readonly image: string;
  readonly containerId: string | undefined;
  /** Of its container, not of its service. */
  readonly labels: Labels;
  /** IPv4 address by network id, without the prefix length. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly createdAt: string;
  /** When it entered `state`. */
  readonly since: string;
}

const PREPARED: readonly TaskState[] = ['assigned', 'accepted', 'preparing', 'ready'];

/** Whether its node is pulling or unpacking the image; the program has not started. */
export function isPrepared({ state }: TaskInfo): boolean {
  return PREPARED.includes(state);
}

/** The host name that Docker gives a task's container: the start of its id. */
export function hostNameOf({ containerId }: TaskInfo): string | undefined {
  return containerId?.slice(0, 12);
}
