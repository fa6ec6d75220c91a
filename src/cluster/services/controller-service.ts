import type { ServiceSpec } from '#engine';
import { MiB } from '#values/size.ts';
import { CONTROLLER_PORT, names } from '../names.ts';
import type { ClusterSpec } from '../setup/cluster-spec.ts';
import {
  API_CERT_FILE,
  apiCertFile,
  caFile,
  networksOf,
  shared,
  type ApiCertificate,
  type ServiceParts,
  type TrustRefs,
} from './service-parts.ts';

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

function controllerSecrets({ registry }: ClusterSpec, { controllerCert, controllerKey, registryPassword }: TrustRefs) {
  return [
    { ...controllerCert, path: '/run/secrets/controller-cert', mode: 0o400 },
    { ...controllerKey, path: '/run/secrets/controller-key', mode: 0o400 },
    ...(registry ? [{ ...registryPassword, path: '/run/secrets/registry-password', mode: 0o400 }] : []),
  ];
}
