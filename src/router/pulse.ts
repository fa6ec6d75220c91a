import type { Clock } from '#events';

/** Wakes all waiters so that they check again. */
export class Pulse {
  readonly #waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  beat(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next beat or after `ms`; rejects with the signal's reason if it aborts first. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const over = new AbortController();
    const onAbort = (): void => over.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    let wake = (): void => {};
    const beat = new Promise<void>((resolve) => this.#waiting.add((wake = resolve)));
    try {
      await Promise.race([beat, this.clock.sleep(ms, over.signal)]);
    } finally {
      this.#waiting.delete(wake);
      signal?.removeEventListener('abort', onAbort);
      over.abort();
    }
  }
}
