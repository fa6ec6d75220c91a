import { isDeepStrictEqual } from 'node:util';
import { fail } from '#errors';
import type { Clock } from '#events';
import { Pulse } from './pulse.ts';
import type { Route, RouterReport, RouteTable } from './table.ts';

/** All in milliseconds. */
interface HubTimes {
  /** How long a poll is held if nothing is new. */
  readonly hold: number;
  /** The same while a release drains, so that counts of requests in flight are current. */
  readonly drainHold: number;
  /** Time after which a silent router counts as dead. */
  readonly live: number;
}

interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A router as shown by `cluster:info` and `doctor`. */
interface RouterState {
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

/** When a poll ends, a router notices that its controller's machine is gone and looks for the next one. */
const TIMES: HubTimes = { hold: 4_000, drainHold: 100, live: 5_000 };

/**
 * Connects the controller and the routers: holds the current route table, sends it to polling routers, and learns from
 * the polls which version each router serves and which requests are in flight.
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

  /** The current table; undefined until the first `publish`, while routers keep theirs. */
  get table(): RouteTable | undefined {
    return this.#table;
  }

  /** Publishes routes and returns their version, which stays the same if nothing changed. */
  publish(routes: readonly Route[]): number {
    if (this.#table && isDeepStrictEqual(routes, this.#table.routes)) return this.#table.version;
    const known = [...this.#routers.values()].map((router) => router.report.applied);
    // Based on time, so that versions grow across restarts of the controller and always exceed those of routers.
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
   * Sets the routers that Swarm runs. One that this controller has never heard from still follows an earlier
   * controller, whose machine may be cut off, so nothing it uses may be removed.
   */
  expectRouters(ids: readonly string[]): void {
    this.#expected = ids;
    this.#pulse.beat();
  }

  /**
   * Handles one long poll of a router: returns the table if the router has another one, undefined if nothing happened
   * or it disconnected.
   */
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
   * Resolves when every live router serves `version` or later, every expected router was heard from, and at least
   * `expect` (default 1) are live. Rejects with ROLLOUT_ROUTERS_SILENT after `timeoutMs`, or with the signal's reason.
   */
  async acknowledged(version: number, options: WaitOptions & { readonly expect?: number }): Promise<void> {
    const expect = options.expect ?? 1;
    const missing = (): string[] => [...this.#behind(version).map((router) => router.report.id), ...this.#unheard()];
    if (!(await this.#until(() => this.#live().length >= expect && missing().length === 0, options))) {
      throw fail('ROLLOUT_ROUTERS_SILENT', { seconds: Math.round(options.timeoutMs / 1000), missing: missing() });
    }
  }

  /**
   * Waits until no live router that serves `version` (the first without this release) has a request for it in flight.
   * Returns the number of open requests after the timeout; 0 means drained.
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

  /** Requests of a release in flight in all live routers, as last reported. */
  inFlight(releaseId: string): number {
    return this.#live().reduce((sum, router) => sum + (router.report.inFlight[releaseId] ?? 0), 0);
  }

  /** Every router seen since the controller started, including dead ones. */
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

  /** A higher version is another controller's: that router has not applied ours yet. */
  #behind(version: number): Router[] {
    const newest = this.#table?.version ?? 0;
    return this.#live().filter(({ report }) => report.applied < version || report.applied > newest);
  }

  #unheard(): string[] {
    return this.#expected.filter((id) => !this.#routers.has(id));
  }

  /** Checks at each beat, and often enough to notice a router that became silent. */
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
