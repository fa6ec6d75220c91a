import { isDeepStrictEqual } from 'node:util';
import { fail } from '../errors/index.ts';
import type { Clock } from '../events/index.ts';
import { Pulse } from './pulse.ts';
import type { Route, RouterReport, RouteTable } from './table.ts';

/** All in milliseconds. */
export interface HubTimes {
  /** How long a poll is held when there is nothing new. */
  readonly hold: number;
  /** The same while a release drains, so that the counts of requests in flight are fresh. */
  readonly drainHold: number;
  /** A router that has not been heard of for so long is taken for dead. */
  readonly live: number;
}

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A router as `cluster:info` and `doctor` show it. */
export interface RouterState {
  readonly id: string;
  readonly applied: number;
  /** Milliseconds since the epoch. */
  readonly seenAt: number;
  readonly live: boolean;
}

interface Router {
  report: RouterReport;
  seenAt: number;
  held: number;
}

/** A router notices by the end of a poll that its controller's machine is gone, so that it asks where the next one is. */
const TIMES: HubTimes = { hold: 4_000, drainHold: 100, live: 5_000 };

/**
 * Where the controller and the routers meet: holds the current route table, hands it to whoever polls,
 * and knows from the polls which version each router serves and what is still in flight.
 */
export class RouterHub {
  readonly #clock: Clock;
  readonly #times: HubTimes;
  readonly #pulse: Pulse;
  readonly #routers = new Map<string, Router>();
  readonly #draining = new Map<string, number>();
  #expected: readonly string[] = [];
  #table: RouteTable | undefined;

  constructor(clock: Clock, times: Partial<HubTimes> = {}) {
    this.#clock = clock;
    this.#times = { ...TIMES, ...times };
    this.#pulse = new Pulse(clock);
  }

  /** The table in force; undefined until the first `publish`, while routers go on with what they have. */
  get table(): RouteTable | undefined {
    return this.#table;
  }

  /** Puts routes in force and tells their version, which is the old one when nothing changed. */
  publish(routes: readonly Route[]): number {
    if (this.#table && isDeepStrictEqual(routes, this.#table.routes)) return this.#table.version;
    const known = [...this.#routers.values()].map((router) => router.report.applied);
    // From time, so that versions grow over restarts of the controller, and never below what is out there.
    const version = Math.max(
      this.#clock.now(),
      (this.#table?.version ?? 0) + 1,
      ...known.map((applied) => applied + 1),
    );
    this.#table = { version, routes };
    this.#pulse.beat();
    return version;
  }

  /**
   * Routers that run, as far as Swarm knows. One that this controller has never heard of serves what an earlier one told it:
   * it still follows that one, whose machine may be cut off, and nothing may be taken from under it.
   */
  expectRouters(ids: readonly string[]): void {
    this.#expected = ids;
    this.#pulse.beat();
  }

  /** One long poll of a router: the table when it has another one, undefined when nothing happened or it hung up. */
  async poll(report: RouterReport, signal?: AbortSignal): Promise<RouteTable | undefined> {
    const router = this.#seen(report);
    router.held += 1;
    this.#pulse.beat();
    try {
      return await this.#news(report.applied, signal);
    } finally {
      router.held -= 1;
      router.seenAt = this.#clock.now();
    }
  }

  /**
   * Resolves when every live router serves `version` or a later one, every expected one was heard of, and at least
   * `expect` (default 1) are live.
   * Rejects with ROLLOUT_ROUTERS_SILENT after `timeoutMs`, or with the signal's reason.
   */
  async acknowledged(version: number, options: WaitOptions & { readonly expect?: number }): Promise<void> {
    const expect = options.expect ?? 1;
    const missing = (): string[] => [...this.#behind(version).map((router) => router.report.id), ...this.#unheard()];
    if (!(await this.#until(() => this.#live().length >= expect && missing().length === 0, options))) {
      throw fail('ROLLOUT_ROUTERS_SILENT', { seconds: Math.round(options.timeoutMs / 1000), missing: missing() });
    }
  }

  /**
   * Waits until no live router that serves `version` (the first without this release) has a request of it in flight.
   * Tells how many were left when the time was up; 0 means drained.
   */
  async drained(releaseId: string, version: number, options: WaitOptions): Promise<number> {
    const stop = this.draining(releaseId);
    try {
      await this.#until(() => this.#behind(version).length === 0 && this.inFlight(releaseId) === 0, options);
      return this.inFlight(releaseId);
    } finally {
      stop();
    }
  }

  /** Makes routers report every ~100 ms until the returned function is called. */
  draining(releaseId: string): () => void {
    this.#draining.set(releaseId, (this.#draining.get(releaseId) ?? 0) + 1);
    this.#pulse.beat();
    return () => {
      const left = (this.#draining.get(releaseId) ?? 0) - 1;
      if (left > 0) this.#draining.set(releaseId, left);
      else this.#draining.delete(releaseId);
    };
  }

  /** Requests of a release under way in all live routers, as of their last reports. */
  inFlight(releaseId: string): number {
    return this.#live().reduce((sum, router) => sum + (router.report.inFlight[releaseId] ?? 0), 0);
  }

  /** Every router seen since the controller started, the dead ones too. */
  routers(): RouterState[] {
    const live = new Set(this.#live());
    return [...this.#routers.values()].map((router) => ({
      id: router.report.id,
      applied: router.report.applied,
      seenAt: router.seenAt,
      live: live.has(router),
    }));
  }

  #seen(report: RouterReport): Router {
    const router = this.#routers.get(report.id) ?? { report, seenAt: 0, held: 0 };
    router.report = report;
    router.seenAt = this.#clock.now();
    this.#routers.set(report.id, router);
    return router;
  }

  async #news(applied: number, signal?: AbortSignal): Promise<RouteTable | undefined> {
    const since = this.#clock.now();
    while (!signal?.aborted) {
      if (this.#table && this.#table.version !== applied) return this.#table;
      const hold = this.#draining.size > 0 ? this.#times.drainHold : this.#times.hold;
      const left = since + hold - this.#clock.now();
      if (left <= 0) return undefined;
      await this.#pulse.wait(left, signal).catch((error: unknown) => {
        if (!signal?.aborted) throw error;
      });
    }
    return undefined;
  }

  #live(): Router[] {
    const oldest = this.#clock.now() - this.#times.live;
    return [...this.#routers.values()].filter((router) => router.held > 0 || router.seenAt > oldest);
  }

  /** A version above the current one is another controller's: that router has yet to take ours. */
  #behind(version: number): Router[] {
    const newest = this.#table?.version ?? 0;
    return this.#live().filter(({ report }) => report.applied < version || report.applied > newest);
  }

  #unheard(): string[] {
    return this.#expected.filter((id) => !this.#routers.has(id));
  }

  /** Looks again at each beat, and often enough to notice a router that fell silent. */
  async #until(holds: () => boolean, { timeoutMs, signal }: WaitOptions): Promise<boolean> {
    const deadline = this.#clock.now() + timeoutMs;
    while (!holds()) {
      const left = deadline - this.#clock.now();
      if (left <= 0) return false;
      await this.#pulse.wait(Math.min(left, this.#times.live / 10), signal);
    }
    return true;
  }
}
