import { KIND, label } from '#labels.ts';
import { LOG_LIMITS, type RegistryAuth, type ServiceSpec } from '#engine';
import { MiB } from '#values/size.ts';
import { SILENCE_RETRIES, SILENCE_SETTING } from '#nodes';
import { fingerprint, type ClusterSpec } from '../setup/cluster-spec.ts';
import {
  AGENT_PORT,
  apiCertificate,
  CONTROLLER_PORT,
  labelsOf,
  names,
  REGISTRY_PORT,
  type PlatformService,
} from '../names.ts';

interface Ref {
  readonly id: string;
  readonly name: string;
}

export interface ServiceParts {
  readonly image: string;
  readonly networks: { readonly control: string; readonly proxy: string };
  readonly routerToken: Ref;
  /** With `image` in a registry. */
  readonly registryAuth?: RegistryAuth;
}

/** Of the controller's API. */
interface ApiCertificate {
  readonly apiCert: Ref;
  readonly apiKey: Ref;
}

/** Names of the objects by which the platform's parts authenticate each other. */
export interface TrustRefs {
  readonly ca: Ref;
  readonly agentCert: Ref;
  readonly agentKey: Ref;
  readonly controllerCert: Ref;
  readonly controllerKey: Ref;
  readonly registryCert: Ref;
  readonly registryKey: Ref;
  readonly registryPassword: Ref;
  readonly registryHtpasswd: Ref;
}

/** Credentials of the registry for an S3-compatible store. */
export interface StorageKeys {
  readonly accessKey: Ref;
  readonly secretKey: Ref;
}

const S3_ACCESS_KEY = '/run/secrets/registry-access-key';
const S3_SECRET_KEY = '/run/secrets/registry-secret-key';
/** Readable by the image's own user; Swarm gives secrets to root. */
const READABLE = 0o444;
const RESTART = { condition: 'any', delayMs: 1_000 } as const;
/**
 * A machine may be cut off: bounds a request in progress (retries) and an idle wait (keepalive: after 10 s, every 3 s,
 * three times) to about 20 s. Source: tcp(7).
 */
const sysctls = {
  [SILENCE_SETTING]: String(SILENCE_RETRIES),
  'net.ipv4.tcp_keepalive_time': '10',
  'net.ipv4.tcp_keepalive_intvl': '3',
  'net.ipv4.tcp_keepalive_probes': '3',
};
/**
 * A controller whose event loop hangs is replaced within a minute: three probes of 5 s each find it, and it has 15 s to
 * stop. A machine that needs up to 30 s to run a probe is only slow. Routers find a controller after its first success,
 * so engines without a start interval (older than 25) delay it by 5 s.
 */
const CONTROLLER_HEALTH = {
  command: ['/app/health'],
  intervalMs: 5_000,
  startIntervalMs: 500,
  timeoutMs: 30_000,
  startPeriodMs: 120_000,
  retries: 3,
} as const;

/** The controller. It runs as root only because the engine's socket belongs to root. */
export function controllerService(
  spec: ClusterSpec,
  parts: ServiceParts & ApiCertificate,
  trusted: TrustRefs,
): ServiceSpec {
  const { settings } = spec;
  return {
    ...shared(spec, 'controller', parts),
    env: {
      MOTHERSHIP_PORT: String(CONTROLLER_PORT),
      MOTHERSHIP_CLUSTER: settings.name,
      MOTHERSHIP_VERSION: spec.version,
      MOTHERSHIP_DATA: '/data',
      MOTHERSHIP_ROUTER_TOKEN_FILE: '/run/secrets/router-token',
      MOTHERSHIP_API_CERT_FILE: API_CERT_FILE,
      MOTHERSHIP_API_KEY_FILE: '/run/secrets/api-key',
    },
    user: 'root',
    healthcheck: CONTROLLER_HEALTH,
    mounts: [
      { type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock' },
      { type: 'volume', source: names.dataVolume, target: '/data' },
    ],
    secrets: [
      { ...parts.routerToken, path: '/run/secrets/router-token', mode: 0o400 },
      { ...parts.apiKey, path: '/run/secrets/api-key', mode: 0o400 },
      ...controllerSecrets(spec, trusted),
    ],
    configs: [apiCertFile(parts), caFile(trusted)],
    networks: networksOf(parts, 'controller'),
    replicas: 1,
    endpointMode: 'dnsrr',
    constraints: ['node.role==manager'],
    limits: { memoryBytes: 512 * MiB, pids: 512 },
    stopGraceMs: 15_000,
    updateOrder: 'stop-first',
  };
}

/** The only service exposed to the internet. On host ports, it runs once on every eligible node. */
export function routerService(
  spec: ClusterSpec,
  parts: ServiceParts &
    Pick<ApiCertificate, 'apiCert'> & {
      cert: Ref;
      key: Ref;
      publish: 'ingress' | 'host';
      constraints: readonly string[];
    },
): ServiceSpec {
  const { settings } = spec;
  const onHost = parts.publish === 'host';
  const mode = onHost ? 'host' : 'ingress';
  return {
    ...shared(spec, 'router', parts),
    env: {
      MOTHERSHIP_CONTROLLER: `controller:${CONTROLLER_PORT}`,
      MOTHERSHIP_CONTROLLER_NAME: apiCertificate.host,
      MOTHERSHIP_CONTROLLER_CERT_FILE: API_CERT_FILE,
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
    configs: [apiCertFile(parts)],
    networks: networksOf(parts, 'router'),
    replicas: onHost || settings.nodes === 'many' ? 'global' : 1,
    constraints: parts.constraints,
    endpointMode: onHost ? 'dnsrr' : 'vip',
    // A stalled log reader must not stall requests, so lines are dropped instead.
    logOptions: { ...LOG_LIMITS, mode: 'non-blocking', 'max-buffer-size': '4m' },
    ports: [
      { target: 8080, published: settings.httpPort, mode },
      { target: 8443, published: settings.httpsPort, mode },
    ],
    stopGraceMs: 40_000,
    // Two tasks cannot share a host port; on the mesh the new one starts before the old one stops.
    updateOrder: onHost ? 'stop-first' : 'start-first',
  };
}

/**
 * Exposes the node's engine to the controller over mutual TLS, on a network only the platform uses, and keeps web
 * processes apart on the proxy network.
 */
export function agentService(spec: ClusterSpec, parts: ServiceParts, trusted: TrustRefs): ServiceSpec {
  return {
    ...shared(spec, 'agent', parts),
    args: ['node', 'agent.js'],
    env: {
      MOTHERSHIP_AGENT_PORT: String(AGENT_PORT),
      MOTHERSHIP_AGENT_CERT_FILE: '/run/secrets/agent-cert',
      MOTHERSHIP_AGENT_KEY_FILE: '/run/secrets/agent-key',
      MOTHERSHIP_AGENT_CA_FILE: CA_FILE,
      MOTHERSHIP_AGENT_PROXY_NETWORK: parts.networks.proxy,
    },
    user: 'root',
    // Enters the namespace of the proxy network, and keeps the rules in there.
    capAdd: ['SYS_ADMIN', 'NET_ADMIN'],
    mounts: [
      { type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock' },
      { type: 'bind', source: '/run/docker/netns', target: '/run/docker/netns' },
    ],
    secrets: [
      { ...trusted.agentCert, path: '/run/secrets/agent-cert', mode: 0o400 },
      { ...trusted.agentKey, path: '/run/secrets/agent-key', mode: 0o400 },
    ],
    configs: [caFile(trusted)],
    // As long as the agent is on the proxy network, the engine keeps its namespace, and so its rules.
    networks: [{ id: parts.networks.control, aliases: ['agent'] }, { id: parts.networks.proxy }],
    replicas: 'global',
    endpointMode: 'dnsrr',
    limits: { memoryBytes: 256 * MiB, pids: 128 },
    stopGraceMs: 5_000,
    updateOrder: 'stop-first',
  };
}

/**
 * Runs on every manager, so that the loss of one loses no image. Uses host ports, because nodes pull before an overlay
 * network reaches them.
 */
export function registryService(
  spec: ClusterSpec,
  parts: ServiceParts,
  trusted: TrustRefs,
  keys?: StorageKeys,
): ServiceSpec {
  return {
    ...shared(spec, 'registry', parts),
    env: { REGISTRY_HTTP_ADDR: `:${REGISTRY_PORT}`, ...storageEnv(spec) },
    mounts: [{ type: 'volume', source: names.registryVolume, target: '/var/lib/registry' }],
    secrets: [
      { ...trusted.registryCert, path: '/run/secrets/registry-cert', mode: READABLE },
      { ...trusted.registryKey, path: '/run/secrets/registry-key', mode: READABLE },
      { ...trusted.registryHtpasswd, path: '/run/secrets/registry-htpasswd', mode: READABLE },
      ...(keys
        ? [
            { ...keys.accessKey, path: S3_ACCESS_KEY, mode: READABLE },
            { ...keys.secretKey, path: S3_SECRET_KEY, mode: READABLE },
          ]
        : []),
    ],
    networks: [{ id: parts.networks.control, aliases: ['registry'] }],
    replicas: 'global',
    constraints: ['node.role==manager'],
    endpointMode: 'dnsrr',
    ports: [{ target: REGISTRY_PORT, published: REGISTRY_PORT, mode: 'host' }],
    limits: { memoryBytes: 512 * MiB, pids: 256 },
    stopGraceMs: 5_000,
    updateOrder: 'stop-first',
  };
}

/** See templates/images/registry/README.md. */
function storageEnv({ registry }: ClusterSpec): Record<string, string> {
  if (!registry?.storage) return {};
  const { bucket, region, endpoint } = registry.storage;
  return {
    REGISTRY_STORAGE_S3_BUCKET: bucket,
    REGISTRY_STORAGE_S3_REGION: region,
    ...(endpoint ? { REGISTRY_STORAGE_S3_REGIONENDPOINT: endpoint } : {}),
    REGISTRY_STORAGE_S3_ACCESSKEY_FILE: S3_ACCESS_KEY,
    REGISTRY_STORAGE_S3_SECRETKEY_FILE: S3_SECRET_KEY,
  };
}

const CA_FILE = '/run/mothership/ca.pem';
const API_CERT_FILE = '/run/mothership/api-cert.pem';

function apiCertFile({ apiCert }: Pick<ApiCertificate, 'apiCert'>) {
  return { ...apiCert, path: API_CERT_FILE, mode: READABLE };
}

function caFile({ ca }: TrustRefs) {
  return { ...ca, path: CA_FILE, mode: READABLE };
}

function controllerSecrets({ registry }: ClusterSpec, { controllerCert, controllerKey, registryPassword }: TrustRefs) {
  return [
    { ...controllerCert, path: '/run/secrets/controller-cert', mode: 0o400 },
    { ...controllerKey, path: '/run/secrets/controller-key', mode: 0o400 },
    ...(registry ? [{ ...registryPassword, path: '/run/secrets/registry-password', mode: 0o400 }] : []),
  ];
}

function shared(spec: ClusterSpec, service: PlatformService, { image, registryAuth }: ServiceParts) {
  // Also on tasks, to distinguish those of the new spec from old ones.
  const labels = { ...labelsOf(spec.settings.name, KIND[service]), [label.fingerprint]: fingerprint(spec, service) };
  return {
    name: names[service],
    image,
    ...(registryAuth ? { registryAuth } : {}),
    labels,
    containerLabels: labels,
    init: service === 'controller' || service === 'agent',
    capDrop: ['ALL'],
    noNewPrivileges: true,
    sysctls,
    restart: RESTART,
    logOptions: LOG_LIMITS,
  };
}

function networksOf(parts: ServiceParts, alias: string): ServiceSpec['networks'] {
  return [{ id: parts.networks.control, aliases: [alias] }, { id: parts.networks.proxy }];
}
