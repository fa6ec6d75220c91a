/**
 * The route table published by the controller and held by every router: the contract between the two. A router applies
 * a table completely or not at all; `version` only grows.
 */
export interface RouteTable {
  readonly version: number;
  readonly routes: readonly Route[];
}

export interface Route {
  /** Exact host name in lower case, or `*.example.com`, which matches one or more labels before the suffix. */
  readonly host: string;
  /**
   * Matches requests whose path starts with it (at a `/` boundary); `/` matches all. The longest prefix of a host wins.
   */
  readonly path: string;
  /** Name of the app in logs and error pages; `mothership` for the controller. */
  readonly app: string;
  readonly releases: readonly RouteRelease[];
  readonly maintenance?: boolean;
  /** The app's release has no process type `web`. */
  readonly webless?: boolean;
}

export interface RouteRelease {
  /** Identifies the set of tasks, for example `shop/7` or `shop/7.2`, for counting requests in flight. */
  readonly id: string;
  /** Relative share of traffic; 0 gets none. */
  readonly weight: number;
  readonly peers: readonly { readonly host: string; readonly port: number }[];
}

/** A router's report with each poll. */
export interface RouterReport {
  readonly id: string;
  /** Version served by every worker of this router; 0 before the first. */
  readonly applied: number;
  /** Requests in flight by release id; WebSockets count until they close. */
  readonly inFlight: Readonly<Record<string, number>>;
}
