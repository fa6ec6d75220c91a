import { fail, isMothershipError } from '../errors/index.ts';
import type { Clock } from '../events/index.ts';
import type { AppRecord, Lease, Store } from '../store/index.ts';

/** A controller that dies leaves its leases for so long; then anybody may clean up after it. */
export const LEASE_MS = 15_000;
const RENEW_MS = LEASE_MS / 3;

export interface Holder {
  readonly operation: string;
  readonly kind: string;
  readonly by: string;
}

/** One change at a time for each app, over all controllers: a lease on the app's record, renewed while the work goes on. */
export class Leases {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #controller: string;

  constructor({ store, clock, controller }: { store: Store; clock: Clock; controller: string }) {
    this.#store = store;
    this.#clock = clock;
    this.#controller = controller;
  }

  /** Throws APP_BUSY while somebody else's lease is in force. */
  async take(app: string, holder: Holder): Promise<AppRecord> {
    return this.#store.apps.update(app, (record) => {
      // An expired lease may have left services behind: only the sweep that undoes them may drop it.
      if (record.lease) throw this.#busy(record, record.lease);
      return { ...record, lease: this.#lease(holder) };
    });
  }

  /** Like `take`, but waits for its turn. */
  async takeInTurn(app: string, holder: Holder, patienceMs: number, signal: AbortSignal): Promise<AppRecord> {
    const deadline = this.#clock.now() + patienceMs;
    for (;;) {
      try {
        return await this.take(app, holder);
      } catch (error) {
        if (!isMothershipError(error, 'APP_BUSY') || this.#clock.now() >= deadline) throw error;
        await this.#clock.sleep(250, signal);
      }
    }
  }

  /** Runs `work` under a lease that was taken, and gives it back whatever happens. Losing the lease aborts the work. */
  async during<T>(app: string, operation: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const lost = new AbortController();
    const done = new AbortController();
    const renewing = this.#renew(app, operation, lost, done.signal);
    try {
      return await work(AbortSignal.any([signal, lost.signal]));
    } finally {
      done.abort();
      await renewing;
      await this.release(app, operation);
    }
  }

  /** Forgets the lease if it is still this operation's. */
  async release(app: string, operation: string): Promise<void> {
    const free = (record: AppRecord): AppRecord => {
      if (record.lease?.operation !== operation) return record;
      const { lease: _lease, ...rest } = record;
      return rest;
    };
    await this.#store.apps.update(app, free).catch((error: unknown) => {
      if (!isMothershipError(error, 'APP_NOT_FOUND')) throw error;
    });
  }

  isExpired(lease: Lease): boolean {
    return Date.parse(lease.expiresAt) <= this.#clock.now();
  }

  async #renew(app: string, operation: string, lost: AbortController, done: AbortSignal): Promise<void> {
    for (;;) {
      await this.#clock.sleep(RENEW_MS, done).catch(() => undefined);
      if (done.aborted) return;
      try {
        await this.#store.apps.update(app, (record) => {
          if (record.lease?.operation !== operation) throw fail('CONFLICT', { what: `The lease on ${app}` });
          return { ...record, lease: { ...record.lease, expiresAt: this.#expiry() } };
        });
      } catch (error) {
        if (isMothershipError(error, 'CONFLICT') || isMothershipError(error, 'APP_NOT_FOUND')) return lost.abort(error);
      }
    }
  }

  #lease({ operation, kind, by }: Holder): Lease {
    const startedAt = new Date(this.#clock.now()).toISOString();
    return { operation, kind, by, controller: this.#controller, startedAt, expiresAt: this.#expiry() };
  }

  #expiry(): string {
    return new Date(this.#clock.now() + LEASE_MS).toISOString();
  }

  #busy(record: AppRecord, lease: Lease): Error {
    const seconds = Math.round((this.#clock.now() - Date.parse(lease.startedAt)) / 1000);
    return fail('APP_BUSY', { app: record.name, operation: lease.kind, by: lease.by, seconds });
  }
}
