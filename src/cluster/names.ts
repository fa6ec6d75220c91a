import { label } from '#labels.ts';

/** Swarm services of the platform. */
export type PlatformService = 'controller' | 'router' | 'agent' | 'registry';

/** A Swarm hosts one cluster, so names do not contain the cluster's name. */
export const names = {
  controlNetwork: 'mothership-control',
  proxyNetwork: 'mothership-proxy',
  controller: 'mothership-controller',
  router: 'mothership-router',
  agent: 'mothership-agent',
  registry: 'mothership-registry',
  dataVolume: 'mothership-data',
  /** The last route table, so that routers can start without a controller. */
  routerVolume: 'mothership-router',
  /** A manager's registry; the controller copies images that another one lacks. */
  registryVolume: 'mothership-registry',
  routerToken: 'mothership-router-token',
  /** A config that records that setup created this Swarm, so that destroying the cluster ends it. */
  swarmMark: 'mothership-swarm',
} as const;

/**
 * The cluster's own certificates, and its registry if it has several nodes. Names under `internal` are reserved for
 * private use (ICANN, 2024) and resolved with the hosts file.
 */
export const trust = {
  agentHost: 'agent.mothership.internal',
  registryHost: 'registry.mothership.internal',
  /** Prefix of image references. */
  registry: 'registry.mothership.internal:5000',
  registryUser: 'mothership',
  /** Configs, readable by setup and nodes. */
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

/** Only useful together. */
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

/**
 * Proves to routers that they talk to the controller. Self-signed and the only certificate that they trust, so it does
 * not depend on the certificates of a multi-node cluster.
 */
export const apiCertificate = {
  host: 'controller.mothership.internal',
  /** A config: it is public. */
  cert: 'mothership-api-cert',
  /** A secret that only the controller receives. */
  key: 'mothership-api-key',
} as const;

export const CONTROLLER_PORT = 8000;
export const AGENT_PORT = 8443;
export const REGISTRY_PORT = 5000;

/** Host name of the controller's API, routed like an app. */
export function controllerHost(domain: string): string {
  return `mothership.${domain}`;
}

export function controllerUrl(domain: string, httpPort: number): string {
  return `http://${controllerHost(domain)}${httpPort === 80 ? '' : `:${httpPort}`}`;
}

export function labelsOf(cluster: string, objectKind: string): Record<string, string> {
  return { [label.cluster]: cluster, [label.kind]: objectKind };
}
