/** Labels on objects in the engine. Whatever Mothership makes carries a `kind`: `cluster:destroy` finds it by that. */
export const label = {
  cluster: 'mothership.cluster',
  kind: 'mothership.kind',
  /** Of what a service was made from: another fingerprint means that it must be updated. */
  fingerprint: 'mothership.fingerprint',
} as const;

/** One Swarm holds one cluster, so names need not carry the cluster's. */
export const names = {
  controlNetwork: 'mothership-control',
  proxyNetwork: 'mothership-proxy',
  controller: 'mothership-controller',
  router: 'mothership-router',
  dataVolume: 'mothership-data',
  /** The last route table, so that a router serves though no controller answers. */
  routerVolume: 'mothership-router',
  routerToken: 'mothership-router-token',
  /** A config that says: setup made this Swarm, so destroying the cluster ends it. */
  swarmMark: 'mothership-swarm',
} as const;

export const kind = {
  network: 'network', secret: 'secret', volume: 'volume', controller: 'controller', router: 'router', image: 'image',
  caBundle: 'ca-bundle', swarmMark: 'swarm-mark', probe: 'probe',
} as const;

export const CONTROLLER_PORT = 8000;

/** Host name of the controller's API, behind the router like any app. */
export function controllerHost(domain: string): string {
  return `mothership.${domain}`;
}

export function controllerUrl(domain: string, httpPort: number): string {
  return `http://${controllerHost(domain)}${httpPort === 80 ? '' : `:${httpPort}`}`;
}

export function labelsOf(cluster: string, objectKind: string): Record<string, string> {
  return { [label.cluster]: cluster, [label.kind]: objectKind };
}
