import { isPrepared, type TaskInfo } from '#engine';

/** A worker that has run this long has started; it has no port to probe. */
const MIN_UPTIME_MS = 2000;

export type Verdict =
  | { readonly kind: 'ready' }
  /** `fetches`: a node is pulling or unpacking the image; the program has not started. */
  | {
      readonly kind: 'waiting';
      readonly why: string;
      readonly unplaced: boolean;
      readonly fetches: boolean;
      readonly task?: TaskInfo;
    }
  | { readonly kind: 'failed'; readonly why: string; readonly task: TaskInfo };

interface Expectation {
  readonly type: string;
  readonly quantity: number;
  readonly image: string;
  readonly port: number;
}

/**
 * Decides the state of a new release's process type. Pure. One failed task fails it: it would only crash repeatedly.
 */
export function judge(
  want: Expectation,
  tasks: readonly TaskInfo[],
  isReady: (taskId: string) => boolean,
  now: number,
): Verdict {
  if (want.quantity === 0) return { kind: 'ready' };
  const failed = tasks.find((task) => ['failed', 'rejected', 'complete'].includes(task.state));
  if (failed) return { kind: 'failed', why: whyEnded(failed), task: failed };
  const current = tasks.filter((task) => task.desired === 'running');
  const up = current.filter((task) => isUp(want, task, isReady, now));
  if (up.length >= want.quantity) return { kind: 'ready' };
  const slow = current.find((task) => !up.includes(task));
  const fetches = current.some(isPrepared);
  return {
    kind: 'waiting',
    why: whyWaiting(want, slow),
    unplaced: slow?.state === 'pending',
    fetches,
    ...(slow ? { task: slow } : {}),
  };
}

function isUp(want: Expectation, task: TaskInfo, isReady: (taskId: string) => boolean, now: number): boolean {
  if (task.state !== 'running' || task.image !== want.image) return false;
  return want.type === 'web' ? isReady(task.id) : now - Date.parse(task.since) >= MIN_UPTIME_MS;
}

/** Explains Swarm's state, error and exit code. */
export function whyEnded(task: TaskInfo): string {
  if (task.state === 'rejected') return `was rejected: ${task.error || task.message}`;
  if (task.exitCode === 137) return 'was killed (exit code 137; out of memory, unless it was stopped manually)';
  if (task.exitCode !== undefined) return `exited with code ${task.exitCode}`;
  return `ended: ${task.error || task.message}`;
}

function whyWaiting(want: Expectation, task: TaskInfo | undefined): string {
  if (!task) return 'has not been scheduled';
  if (task.state === 'running' && want.type === 'web')
    return `is running, but nothing is listening on port ${want.port}`;
  if (task.state === 'running') return 'has just started';
  return `is ${task.state}${task.error ? `: ${task.error}` : ''}`;
}
