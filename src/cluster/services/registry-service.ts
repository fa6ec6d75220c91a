import type { ServiceSpec } from '#engine';
import { MiB } from '#values/size.ts';
import { names, REGISTRY_PORT } from '../names.ts';
import type { ClusterSpec } from '../setup/cluster-spec.ts';
import { READABLE, shared, type Ref, type ServiceParts, type TrustRefs } from './service-parts.ts';

/** Credentials of the registry for an S3-compatible store. */
export interface StorageKeys {
  readonly accessKey: Ref;
  readonly secretKey: Ref;
}

const S3_ACCESS_KEY = '/run/secrets/registry-access-key';
const S3_SECRET_KEY = '/run/secrets/registry-secret-key';

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
