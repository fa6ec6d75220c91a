import { connect } from 'node:net';
import type { TaskInfo } from '#engine';

/** Checks whether something accepts connections there. */
export type Probe = (host: string, port: number, timeoutMs: number) => Promise<boolean>;

/**
 * A task has its own address, so a refused connection returns immediately. Packets are dropped until the task's node
 * knows a controller that has just started; the kernel sends the first one again after 1 s and 3 s (RFC 6298).
 */
const PROBE_TIMEOUT_MS = 4000;

export const tcpProbe: Probe = (host, port, timeoutMs) =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });

/**
 * Tracks which web tasks have bound their port (Heroku's rule for a healthy dyno). Tasks are probed until they are
 * ready and never afterwards: once they receive traffic, the routers notice failures.
 */
export class Readiness {
  readonly #probe: Probe;
  readonly #ready = new Set<string>();
  readonly #asking = new Map<string, Promise<boolean>>();

  constructor(probe: Probe) {
    this.#probe = probe;
  }

  isReady(taskId: string): boolean {
    return this.#ready.has(taskId);
  }

  /** Probes once; concurrent callers share the attempt. */
  ask(task: TaskInfo, address: string, port: number): Promise<boolean> {
    if (this.#ready.has(task.id)) return Promise.resolve(true);
    const asking = this.#asking.get(task.id) ?? this.#askOnce(task.id, address, port);
    this.#asking.set(task.id, asking);
    return asking;
  }

  async #askOnce(taskId: string, address: string, port: number): Promise<boolean> {
    const ready = await this.#probe(address, port, PROBE_TIMEOUT_MS);
    if (ready) this.#ready.add(taskId);
    this.#asking.delete(taskId);
    return ready;
  }

  /** Ids of tasks known to be ready. */
  known(): string[] {
    return [...this.#ready];
  }

  /** Removes tasks that no longer exist. */
  forget(taskIds: Iterable<string>): void {
    for (const id of taskIds) this.#ready.delete(id);
  }
}
