import type { Clock } from '../../src/events/index.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Real time after which a test gives up on something that no sleeper of the clock brings about. */
const STUCK_MS = 8_000;

/** A clock that stands still until a test moves it; sleepers wake in the order of their time. */
export class FakeClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now = (): number => this.#now;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal!.reason as Error);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { at: this.#now + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });

  /** Sleepers that nobody cancelled: a leak shows here. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Moves the time by `ms`, waking each sleeper at its own time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    while (this.#wakeNext(end)) await settle();
    this.#now = end;
  }

  /** Moves the time from sleeper to sleeper until `holds` does. Throws when it does not within `withinMs` of this clock. */
  async until(holds: () => unknown, withinMs = 3_600_000): Promise<void> {
    const end = this.#now + withinMs;
    for (let stuckAt = Date.now() + STUCK_MS; ;) {
      await settle();
      if (await holds()) return;
      if (this.#wakeNext(end)) stuckAt = Date.now() + STUCK_MS;
      else if (this.#sleepers.length > 0) throw new Error(`not within ${withinMs} ms`);
      else if (Date.now() > stuckAt) throw new Error('nothing is left to wait for, and it has not come about');
    }
  }

  /** Moves the time from sleeper to sleeper until the promise is settled. */
  async passUntil<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    promise.then(note, note);
    await this.until(() => settled);
    return promise;
  }

  /** Wakes the next sleeper if its time is not after `end`, and says whether it did. */
  #wakeNext(end: number): boolean {
    const next = this.#sleepers.reduce<Sleeper | undefined>(
      (first, sleeper) => (first && first.at <= sleeper.at ? first : sleeper),
      undefined,
    );
    if (!next || next.at > end) return false;
    this.#now = Math.max(this.#now, next.at);
    this.#sleepers = this.#sleepers.filter((other) => other !== next);
    next.wake();
    return true;
  }
}

/** Turns of the event loop without work after which nothing is expected to happen without time passing. */
const IDLE_TURNS = 4;

/** Lets everything run that can without time passing: callbacks, files being read and written, sockets on loopback. */
export async function settle(): Promise<void> {
  for (let idle = 0; idle < IDLE_TURNS; idle++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq'))) idle = -1;
  }
}
