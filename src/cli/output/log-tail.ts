import type { LogEntry, Query } from '#api';
import type { Clock } from '#events';
import type { ApiClient } from '../api/client.ts';

/** Lines requested again after a lost connection, to fill the gap. */
const OVERLAP = 500;

/** An app's log lines without duplicates, in order, across broken connections. */
export class LogTail {
  readonly #api: ApiClient;
  readonly #clock: Clock;
  readonly #recent: string[] = [];
  #repeated = new Set<string>();

  constructor(api: ApiClient, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** Ends after the past lines, or with `tail` never. Throws an AbortError if the signal aborts. */
  async *read(app: string, query: NonNullable<Query<'logs'>>, signal: AbortSignal): AsyncGenerator<LogEntry> {
    const resume = (): { params: { app: string }; query: NonNullable<Query<'logs'>>; signal: AbortSignal } => {
      this.#repeated = new Set(this.#recent);
      return { params: { app }, query: { ...query, ...(this.#recent.length > 0 ? { n: OVERLAP } : {}) }, signal };
    };
    do {
      for await (const entry of this.#api.follow('logs', { what: app, resume })) if (this.#isNew(entry)) yield entry;
      // A tail that ends means that the controller is stopping; another one takes over.
      if (query.tail) await this.#clock.sleep(500, signal);
    } while (query.tail);
  }

  #isNew(entry: LogEntry): boolean {
    const key = `${entry.at} ${entry.ps} ${entry.line}`;
    if (this.#repeated.delete(key)) return false;
    this.#recent.push(key);
    if (this.#recent.length > OVERLAP) this.#recent.shift();
    return true;
  }
}
