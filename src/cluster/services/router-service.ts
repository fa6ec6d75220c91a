import { LOG_LIMITS, type ServiceSpec } from '#engine';
import { apiCertificate, CONTROLLER_PORT, names } from '../names.ts';
import type { ClusterSpec } from '../setup/cluster-spec.ts';
import {
  API_CERT_FILE,
  apiCertFile,
  networksOf,
  READABLE,
  shared,
  type ApiCertificate,
  type Ref,
  type ServiceParts,
} from './service-parts.ts';

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
