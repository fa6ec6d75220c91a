import type { ServerResponse } from 'node:http';
import { fail } from '#errors';
import type { Clock } from '#events';

/** Gives each open request a signal that aborts when its client disconnects or the controller stops. */
export class OpenRequests {
  readonly #open = new Set<AbortController>();
  readonly #quiet = new AbortController();
  #stopping = false;

  /** Throws CONTROLLER_STOPPING after `stop`. */
  admit(): void {
    if (this.#stopping) throw fail('CONTROLLER_STOPPING', {});
  }

  signal(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    const close = (): void => {
      this.#open.delete(controller);
      controller.abort();
      if (this.#stopping && this.#open.size === 0) this.#quiet.abort();
    };
    this.#open.add(controller);
    if (response.closed || this.#stopping) close();
    else response.once('close', close);
    return controller.signal;
  }

  /** Ends streams, long polls and terminals, so that clients reconnect to the next controller; waits for uploads. */
  async stop(clock: Clock, patienceMs: number): Promise<void> {
    this.#stopping = true;
    for (const controller of this.#open) controller.abort();
    if (this.#open.size > 0) await clock.sleep(patienceMs, this.#quiet.signal).catch(() => undefined);
  }
}
