/** Labels on objects in the engine. Whatever Mothership makes carries a `kind`: `cluster:destroy` finds it by that. */
export const label = {
  cluster: 'mothership.cluster',
  kind: 'mothership.kind',
  /** On containers that are nodes of a practice cluster. */
  practice: 'mothership.practice',
  /** Of what a service was made from: another fingerprint means that it must be updated. */
  fingerprint: 'mothership.fingerprint',
} as const;

/** Those that are Swarm services. */
export type PlatformService = 'controller' | 'router' | 'agent' | 'registry';

/** One Swarm holds one cluster, so names need not carry the cluster's. */
export const names = {
  controlNetwork: 'mothership-control',
  proxyNetwork: 'mothership-proxy',
  controller: 'mothership-controller',
  router: 'mothership-router',
  agent: 'mothership-agent',
  registry: 'mothership-registry',
  dataVolume: 'mothership-data',
  /** The last route table, so that a router serves though no controller answers. */
  routerVolume: 'mothership-router',
  /** Images of the registry on a manager; the controller copies what another one lacks. */
  registryVolume: 'mothership-registry',
  routerToken: 'mothership-router-token',
  /** A config that says: setup made this Swarm, so destroying the cluster ends it. */
  swarmMark: 'mothership-swarm',
} as const;

export const kind = {
  network: 'network',
  secret: 'secret',
  volume: 'volume',
  controller: 'controller',
  router: 'router',
  image: 'image',
  caBundle: 'ca-bundle',
  swarmMark: 'swarm-mark',
  probe: 'probe',
  agent: 'agent',
  registry: 'registry',
  trust: 'trust',
} as const;

/** Of a cluster of many nodes. Names below `internal` are nobody's (ICANN, 2024): a hosts file says where they are. */
export const trust = {
  agentHost: 'agent.mothership.internal',
  registryHost: 'registry.mothership.internal',
  /** Before repositories in references of images. */
  registry: 'registry.mothership.internal:5000',
  registryUser: 'mothership',
  /** Configs: what setup and nodes have to read. */
  ca: 'mothership-ca',
  registryLogin: 'mothership-registry-login',
  /** Secrets. */
  caKey: 'mothership-ca-key',
  agentCert: 'mothership-agent-cert',
  agentKey: 'mothership-agent-key',
  controllerCert: 'mothership-controller-cert',
  controllerKey: 'mothership-controller-key',
  registryCert: 'mothership-registry-cert',
  registryKey: 'mothership-registry-key',
  registryPassword: 'mothership-registry-password',
  registryHtpasswd: 'mothership-registry-htpasswd',
} as const;

/** All of them or none are of use. */
export const TRUST_OBJECTS = [
  trust.ca,
  trust.registryLogin,
  trust.caKey,
  trust.agentCert,
  trust.agentKey,
  trust.controllerCert,
  trust.controllerKey,
  trust.registryCert,
  trust.registryKey,
  trust.registryPassword,
  trust.registryHtpasswd,
] as const;

export const CONTROLLER_PORT = 8000;
export const AGENT_PORT = 8443;
export const REGISTRY_PORT = 5000;

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
