import { connect } from 'node:net';
import type { TaskInfo } from '#engine';

/** How an attempt to connect ended. Silence proves nothing about the process: the network may drop packets. */
export type Answer = 'accepted' | 'refused' | 'silent';

/** Checks whether something accepts connections there. */
export type Probe = (host: string, port: number, timeoutMs: number) => Promise<Answer>;

/**
 * A task has its own address, so a refused connection returns immediately. Packets are dropped until the task's node
 * knows a controller that has just started; the kernel sends the first one again after 1 s and 3 s (RFC 6298).
 */
const PROBE_TIMEOUT_MS = 4000;

export const tcpProbe: Probe = (host, port, timeoutMs) =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: Answer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => settle('silent'));
    socket.once('connect', () => settle('accepted'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => settle(code === 'ECONNREFUSED' ? 'refused' : 'silent'));
  });

/**
 * Tracks which web tasks have bound their port (Heroku's rule for a healthy dyno). Tasks are probed until they are
 * ready and never afterwards: once they receive traffic, the routers notice failures.
 */
export class Readiness {
  readonly #ready = new Set<string>();
  readonly #asking = new Map<string, Promise<Answer>>();

  constructor(private readonly probe: Probe) {}

  isReady(taskId: string): boolean {
    return this.#ready.has(taskId);
  }

  /** Probes once; concurrent callers share the attempt. */
  ask(task: TaskInfo, address: string, port: number): Promise<Answer> {
    if (this.#ready.has(task.id)) return Promise.resolve('accepted');
    const asking = this.#asking.get(task.id) ?? this.#askOnce(task.id, address, port);
    this.#asking.set(task.id, asking);
    return asking;
  }

  async #askOnce(taskId: string, address: string, port: number): Promise<Answer> {
    const answer = await this.probe(address, port, PROBE_TIMEOUT_MS);
    if (answer === 'accepted') this.#ready.add(taskId);
    this.#asking.delete(taskId);
    return answer;
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
