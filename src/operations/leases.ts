import { fail, isMothershipError } from '#errors';
import { isoNow, retryWhile, type Clock } from '#events';
import type { AppRecord, Lease, Store } from '#store';

/** How long a dead controller's lease is valid; afterwards its work is cleaned up. */
export const LEASE_MS = 15_000;
const RENEW_MS = LEASE_MS / 3;

export interface Holder {
  readonly operation: string;
  readonly kind: string;
  readonly by: string;
}

export interface LeasesParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Its name in leases. */
  readonly controller: string;
  /** Whether Swarm has replaced this controller without having stopped it yet. */
  readonly isReplaced: () => Promise<boolean>;
}

/**
 * Allows one change at a time per app across controllers: a lease on the app's record, renewed while the work
 * continues.
 */
export class Leases {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #controller: string;
  readonly #isReplaced: () => Promise<boolean>;
  /** Operations that hold a lease, by app. */
  readonly #held = new Map<string, string>();
  #ended = false;

  constructor({ store, clock, controller, isReplaced }: LeasesParts) {
    this.#store = store;
    this.#clock = clock;
    this.#controller = controller;
    this.#isReplaced = isReplaced;
  }

  /** Throws APP_BUSY while another lease is valid, or CONTROLLER_STOPPING if this controller is stopping. */
  async take(app: string, holder: Holder): Promise<AppRecord> {
    // A controller on a machine that was cut off and is back would be stopped in the middle of its work.
    if (this.#ended || (await this.#isReplaced())) throw fail('CONTROLLER_STOPPING', {});
    return this.#store.apps.update(app, (record) => {
      // An expired lease may have left services behind: only the sweep that undoes them may remove it.
      if (record.lease) throw this.#busy(record, record.lease);
      return { ...record, lease: this.#lease(holder) };
    });
  }

  /** Like `take`, but waits for its turn. */
  takeInTurn(app: string, holder: Holder, within: number, signal: AbortSignal): Promise<AppRecord> {
    const isBusy = (error: unknown): boolean => isMothershipError(error, 'APP_BUSY');
    return retryWhile(this.#clock, { every: 250, within, signal }, isBusy, () => this.take(app, holder));
  }

  /** Runs `work` under a lease and always returns it. Losing the lease aborts the work. */
  async during<T>(
    app: string,
    operation: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const lost = new AbortController();
    const done = new AbortController();
    const renewing = this.#renew(app, operation, lost, done.signal);
    this.#held.set(app, operation);
    try {
      return await work(AbortSignal.any([signal, lost.signal]));
    } finally {
      done.abort();
      await renewing;
      await this.release(app, operation);
      this.#held.delete(app);
    }
  }

  /**
   * Releases leases so that the next controller can take over unfinished work; those that cannot be released expire.
   */
  async end(): Promise<void> {
    this.#ended = true;
    const expiresAt = isoNow(this.#clock);
    await Promise.all(
      [...this.#held].map(([app, operation]) =>
        this.#store.apps
          .update(app, (record) =>
            record.lease?.operation === operation ? { ...record, lease: { ...record.lease, expiresAt } } : record,
          )
          .catch(() => undefined),
      ),
    );
  }

  /** Removes the lease if it still belongs to this operation. */
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
      if (done.aborted || this.#ended) return;
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
    const startedAt = isoNow(this.#clock);
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
