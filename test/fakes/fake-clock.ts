import type { Clock } from '../../src/events/index.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export interface PassingOptions {
  readonly withinMs?: number;
  readonly pace?: number;
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

  /**
   * Moves the time from sleeper to sleeper until `holds` does, no faster than `pace` ms for each ms of real time: for
   * what needs real time unseen, as other processes do. Throws when it does not hold within `withinMs` of this clock.
   */
  async until(holds: () => unknown, { withinMs = 86_400_000, pace = Infinity }: PassingOptions = {}): Promise<void> {
    const [began, end, realBegan] = [this.#now, this.#now + withinMs, Date.now()];
    for (let stuckAt = Date.now() + STUCK_MS; ;) {
      await settle();
      if (await holds()) return;
      const mayBe = began + pace * (Date.now() - realBegan + 1);
      if (this.#wakeNext(Math.min(end, mayBe))) stuckAt = Date.now() + STUCK_MS;
      else if (this.#sleepers.length > 0 && mayBe > end) throw new Error(`not within ${withinMs} ms`);
      else if (Date.now() > stuckAt) throw new Error('nothing is left to wait for, and it has not come about');
      else await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Moves the time from sleeper to sleeper until the promise is settled. */
  async passUntil<T>(promise: Promise<T>, options?: PassingOptions): Promise<T> {
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    promise.then(note, note);
    await this.until(() => settled, options);
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

/** Waits until a number grows no more without time passing. */
export async function still(value: () => number): Promise<void> {
  for (let last = -1; last !== value();) {
    last = value();
    for (let turn = 0; turn < 100; turn++) await settle();
  }
}
