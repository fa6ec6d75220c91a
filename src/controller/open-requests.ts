import type { ServerResponse } from 'node:http';
import { fail } from '../errors/index.ts';

/** Gives each open request a signal that aborts when its client goes away or the controller stops. */
export class OpenRequests {
  readonly #open = new Set<AbortController>();
  #stopping = false;

  /** Throws CONTROLLER_STOPPING to whoever comes after `stop`. */
  admit(): void {
    if (this.#stopping) throw fail('CONTROLLER_STOPPING', {});
  }

  signal(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    const close = (): void => {
      this.#open.delete(controller);
      controller.abort();
    };
    this.#open.add(controller);
    if (response.closed || this.#stopping) close();
    else response.once('close', close);
    return controller.signal;
  }

  /** Ends streams, long polls and terminals, so that clients find the next controller at once. */
  stop(): void {
    this.#stopping = true;
    for (const controller of this.#open) controller.abort();
  }
}
