import type { ServiceSpec } from '../engine/index.ts';
import { fingerprint, type ClusterSpec } from './cluster-spec.ts';
import { CONTROLLER_PORT, kind, label, labelsOf, names } from './names.ts';

interface Ref {
  readonly id: string;
  readonly name: string;
}

export interface ServiceParts {
  readonly image: string;
  readonly networks: { readonly control: string; readonly proxy: string };
  readonly routerToken: Ref;
}

const MiB = 1024 * 1024;
/** Readable by the image's own user: Swarm gives secrets to root. */
const READABLE = 0o444;
const RESTART = { condition: 'any', delayMs: 1_000 } as const;
const logOptions = { 'max-size': '10m', 'max-file': '3' };

/** The one brain. It needs root only in so far as the engine's socket belongs to root. */
export function controllerService(spec: ClusterSpec, parts: ServiceParts): ServiceSpec {
  const { settings } = spec;
  return {
    ...shared(spec, 'controller'),
    image: parts.image,
    env: {
      MOTHERSHIP_PORT: String(CONTROLLER_PORT),
      MOTHERSHIP_CLUSTER: settings.name,
      MOTHERSHIP_VERSION: spec.version,
      MOTHERSHIP_DATA: '/data',
      MOTHERSHIP_ROUTER_TOKEN_FILE: '/run/secrets/router-token',
    },
    user: 'root',
    mounts: [
      { type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock' },
      { type: 'volume', source: names.dataVolume, target: '/data' },
    ],
    secrets: [{ ...parts.routerToken, path: '/run/secrets/router-token', mode: 0o400 }],
    networks: networksOf(parts, 'controller'),
    replicas: 1,
    endpointMode: 'dnsrr',
    constraints: ['node.role==manager'],
    limits: { memoryBytes: 512 * MiB, pids: 512 },
    stopGraceMs: 15_000,
    updateOrder: 'stop-first',
  };
}

/** The only thing that faces the internet. On host ports it runs once on every node that may have it. */
export function routerService(spec: ClusterSpec, parts: ServiceParts & { cert: Ref; key: Ref; publish: 'ingress' | 'host' }): ServiceSpec {
  const { settings } = spec;
  const onHost = parts.publish === 'host';
  const mode = onHost ? 'host' : 'ingress';
  return {
    ...shared(spec, 'router'),
    image: parts.image,
    env: {
      MOTHERSHIP_CONTROLLER: `controller:${CONTROLLER_PORT}`,
      MOTHERSHIP_DOMAIN: settings.domain,
      MOTHERSHIP_ROUTER_TOKEN_FILE: '/run/secrets/router-token',
      MOTHERSHIP_TLS_CERT_FILE: '/run/secrets/tls-cert',
      MOTHERSHIP_TLS_KEY_FILE: '/run/secrets/tls-key',
      MOTHERSHIP_PUBLIC_HTTP_PORT: String(settings.httpPort),
      MOTHERSHIP_PUBLIC_HTTPS_PORT: String(settings.httpsPort),
    },
    mounts: [{ type: 'volume', source: names.routerVolume, target: '/var/lib/router' }],
    secrets: [
      { ...parts.routerToken, path: '/run/secrets/router-token', mode: READABLE },
      { ...parts.cert, path: '/run/secrets/tls-cert', mode: READABLE },
      { ...parts.key, path: '/run/secrets/tls-key', mode: READABLE },
    ],
    networks: networksOf(parts, 'router'),
    replicas: onHost ? 'global' : 1,
    endpointMode: onHost ? 'dnsrr' : 'vip',
    // A reader of the log that stalls must not stall requests; then lines are dropped.
    logOptions: { ...logOptions, mode: 'non-blocking', 'max-buffer-size': '4m' },
    ports: [
      { target: 8080, published: settings.httpPort, mode },
      { target: 8443, published: settings.httpsPort, mode },
    ],
    stopGraceMs: 40_000,
    // Two tasks cannot hold one host port; on the mesh the new one starts before the old one stops.
    updateOrder: onHost ? 'stop-first' : 'start-first',
  };
}

function shared(spec: ClusterSpec, service: 'controller' | 'router') {
  // On tasks too: by it those of the new spec are told from the old ones.
  const labels = { ...labelsOf(spec.settings.name, kind[service]), [label.fingerprint]: fingerprint(spec, service) };
  return {
    name: names[service],
    labels,
    containerLabels: labels,
    init: service === 'controller',
    capDrop: ['ALL'],
    noNewPrivileges: true,
    restart: RESTART,
    logOptions,
  };
}

function networksOf(parts: ServiceParts, alias: string): ServiceSpec['networks'] {
  return [{ id: parts.networks.control, aliases: [alias] }, { id: parts.networks.proxy }];
}
