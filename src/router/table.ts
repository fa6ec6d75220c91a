/**
 * The route table as the controller publishes it and every router holds it: the contract between the two.
 * A router applies a table whole or not at all; `version` only grows.
 */
export interface RouteTable {
  readonly version: number;
  readonly routes: readonly Route[];
}

export interface Route {
  /** Exact host name in lower case, or `*.example.com` which matches one or more labels before the suffix. */
  readonly host: string;
  /** Requests whose path begins with it (at a `/` boundary); `/` takes all. The longest prefix of a host wins. */
  readonly path: string;
  /** Name of the app for logs and error pages; `mothership` for the controller itself. */
  readonly app: string;
  readonly releases: readonly RouteRelease[];
  readonly maintenance?: boolean;
}

export interface RouteRelease {
  /** Names the set of tasks, e.g. `shop-7` or `shop-7-2`: requests in flight are counted under it. */
  readonly id: string;
  /** Relative share of the traffic; 0 gets none. */
  readonly weight: number;
  readonly peers: readonly { readonly host: string; readonly port: number }[];
}

/** What a router tells with each poll. */
export interface RouterReport {
  readonly id: string;
  /** Version that every worker of this router now serves; 0 before the first. */
  readonly applied: number;
  /** Requests in flight by release id; WebSockets count until they close. */
  readonly inFlight: Readonly<Record<string, number>>;
}
