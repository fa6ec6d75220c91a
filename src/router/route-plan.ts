import type { Route, RouteRelease } from './table.ts';

/** Reserved for the controller: its host is `mothership.<domain>`. */
const CONTROLLER = 'mothership';

/** What routing needs from an app; `releases` only contain peers that are ready for traffic. */
export interface RoutedApp {
  readonly name: string;
  /** Custom domains: `www.example.com`, `*.example.com`, or with a path prefix `www.example.com/api`. */
  readonly hosts: readonly string[];
  readonly maintenance?: boolean;
  /** Whether its release has no process type `web`. */
  readonly webless?: boolean;
  readonly releases: readonly RouteRelease[];
}

interface RoutePlanInput {
  /** Apps are at `<name>.<domain>` in addition to their custom domains. */
  readonly domain: string;
  readonly apps: readonly RoutedApp[];
}

/**
 * Decides which host leads to which app. The same input in any order gives the same routes, sorted by host, longest
 * path first. If two claim an address, the controller wins, then an app's own `<name>.<domain>`, then the first app by
 * name.
 */
export function planRouteTable(input: RoutePlanInput): Route[] {
  const domain = normalHost(input.domain);
  const apps = input.apps.filter((app) => app.name !== CONTROLLER).sort((a, b) => order(a.name, b.name));
  const claims: Route[] = [
    { host: `${CONTROLLER}.${domain}`, path: '/', app: CONTROLLER, releases: [] },
    ...apps.map((app) => route(app, `${app.name}.${domain}`)),
    ...apps.flatMap((app) => app.hosts.map((host) => route(app, host))),
  ];
  const routes = new Map<string, Route>();
  for (const claim of claims) {
    const address = claim.host + claim.path;
    if (!routes.has(address)) routes.set(address, claim);
  }
  return [...routes.values()].sort(
    (a, b) => order(a.host, b.host) || b.path.length - a.path.length || order(a.path, b.path),
  );
}

function route(app: RoutedApp, address: string): Route {
  const slash = address.indexOf('/');
  return {
    host: normalHost(slash < 0 ? address : address.slice(0, slash)),
    path: slash < 0 ? '/' : normalPath(address.slice(slash)),
    app: app.name,
    releases: app.releases.map(normalRelease).sort((a, b) => order(a.id, b.id)),
    ...(app.maintenance ? { maintenance: true } : {}),
    ...(app.webless ? { webless: true } : {}),
  };
}

function normalRelease(release: RouteRelease): RouteRelease {
  const peers = release.peers.map(({ host, port }) => ({ host, port }));
  return {
    id: release.id,
    weight: release.weight,
    peers: peers.sort((a, b) => order(a.host, b.host) || a.port - b.port),
  };
}

function normalHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

function normalPath(path: string): string {
  return path.replace(/\/+$/, '') || '/';
}

/** Compares code units, so that the order is the same in every locale. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
