import { createHash } from 'node:crypto';
import { defined } from '#values/defined.ts';
import type { ClusterRecord, RegistryRecord } from '#store';
import { trust, type PlatformService } from '../names.ts';
import type { RegistryStorage, Settings } from './options.ts';
import type { ImageRecipe } from '../images/image-recipe.ts';
import type { PlatformImages } from '../images/platform-images.ts';

/** The desired state of a cluster: settings, image recipes and derived names. */
export interface ClusterSpec {
  readonly version: string;
  readonly provider: string;
  readonly settings: Settings;
  readonly images: PlatformImages;
  readonly certificate: { readonly cert: string; readonly key: string };
  /** Name of the config with the CA bundle for builds. */
  readonly caBundle?: string;
  /** Where nodes pull images; a single node does not pull. */
  readonly registry?: RegistryRecord;
}

/** Length of a digest in a name. */
const SHORT = 8;

export function clusterSpec(
  parts: Pick<ClusterSpec, 'version' | 'provider' | 'settings' | 'images'>,
  record: ClusterRecord | undefined,
): ClusterSpec {
  const { domain, caBundle } = parts.settings;
  // Swarm objects are immutable, so their content is part of their names.
  const bundle = caBundle ? `mothership-ca-bundle-${digest(caBundle)}` : record?.caBundle;
  const registry = registryOf(parts.settings, record);
  return {
    ...parts,
    certificate: certificateNames(domain),
    ...defined({ caBundle: bundle, registry }),
  };
}

/** Names of the secrets with the routers' certificate and key. */
export function certificateNames(domain: string): ClusterSpec['certificate'] {
  return { cert: `mothership-tls-cert-${digest(domain)}`, key: `mothership-tls-key-${digest(domain)}` };
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, SHORT);
}

export interface ImageIds {
  readonly controller: string;
  readonly router: string;
  readonly stackRun: string;
  readonly stackBuild: string;
}

interface RecordFacts {
  readonly images: ImageIds;
  readonly publish: 'ingress' | 'host';
  readonly createdAt: string;
  /** By recipe tag. */
  readonly references: Readonly<Record<string, string>>;
}

/** A chosen registry stays until another is chosen. */
export function registryOf(
  { nodes, externalRegistry: given, registryStorage }: Settings,
  record: ClusterRecord | undefined,
): RegistryRecord | undefined {
  if (nodes === 'one') return undefined;
  if (given)
    return {
      kind: 'external',
      prefix: given.prefix,
      user: given.user,
      password: `${trust.registryPassword}-${digest(given.password.reveal())}`,
    };
  if (!registryStorage && record?.registry) return record.registry;
  return {
    kind: 'cluster',
    prefix: trust.registry,
    user: trust.registryUser,
    ...(registryStorage ? { storage: storageOf(registryStorage) } : {}),
  };
}

/** Secrets are immutable too: other credentials mean other secrets. */
function storageOf({
  bucket,
  region,
  endpoint,
  accessKey,
  secretKey,
}: RegistryStorage): NonNullable<RegistryRecord['storage']> {
  const name = (kind: string, key: RegistryStorage['accessKey']): string =>
    `mothership-registry-${kind}-${digest(key.reveal())}`;
  return {
    bucket,
    region,
    ...(endpoint ? { endpoint } : {}),
    accessKey: name('access-key', accessKey),
    secretKey: name('secret-key', secretKey),
  };
}

export function clusterRecord(spec: ClusterSpec, facts: RecordFacts): ClusterRecord {
  const { settings, images } = { settings: spec.settings, images: facts.images };
  const { registry } = spec;
  return {
    name: settings.name,
    version: spec.version,
    createdAt: facts.createdAt,
    domain: settings.domain,
    httpPort: settings.httpPort,
    httpsPort: settings.httpsPort,
    publish: facts.publish,
    defaultStack: settings.stack,
    stacks: {
      [settings.stack]: {
        buildImage: images.stackBuild,
        runImage: images.stackRun,
        ...bundledBuildpacks(spec.images.stackBuild),
      },
    },
    images: { controller: images.controller, router: images.router },
    provider: spec.provider,
    ...defined({ npmRegistry: settings.npmRegistry || undefined, caBundle: spec.caBundle }),
    ...(registry ? { nodes: 'many', registry, references: facts.references } : {}),
  };
}

/** Images of other stacks fetch theirs while they are built. */
function bundledBuildpacks({ files }: ImageRecipe): { buildpacks?: readonly string[] } {
  const names = files.flatMap(({ path }) => /^buildpacks\/([^/]+)\/bin\/detect$/.exec(path)?.[1] ?? []);
  return names.length > 0 ? { buildpacks: names.sort() } : {};
}

/** Whether a record differs from the spec, apart from images. */
export function recordDiffers(spec: ClusterSpec, record: ClusterRecord): boolean {
  const { settings } = spec;
  const wanted = [
    spec.version,
    settings.domain,
    settings.httpPort,
    settings.httpsPort,
    settings.stack,
    settings.npmRegistry,
    spec.caBundle,
    settings.nodes,
    spec.registry?.prefix,
    spec.registry?.password,
    spec.registry?.storage,
  ];
  const held = [
    record.version,
    record.domain,
    record.httpPort,
    record.httpsPort,
    record.defaultStack,
    record.npmRegistry,
    record.caBundle,
    record.nodes ?? 'one',
    record.registry?.prefix,
    record.registry?.password,
    record.registry?.storage,
  ];
  return (
    JSON.stringify(wanted) !== JSON.stringify(held) ||
    (settings.publish !== 'auto' && settings.publish !== record.publish)
  );
}

/** Digest of everything a service is made from; if it differs, the service must be updated. */
export function fingerprint(spec: ClusterSpec, service: PlatformService): string {
  const { settings, images, certificate } = spec;
  const many = settings.nodes === 'many' ? ['many'] : [];
  const common = [spec.version, settings.name, settings.domain, settings.httpPort, settings.httpsPort, ...many];
  const own: Record<PlatformService, unknown[]> = {
    router: [images.router.tag, settings.publish, certificate.cert],
    controller: [
      images.controller.tag,
      images.stackRun.tag,
      images.stackBuild.tag,
      settings.npmRegistry,
      spec.caBundle,
      ...(spec.registry?.password ? [spec.registry] : []),
    ],
    agent: [images.controller.tag],
    registry: [images.registry?.tag, ...(spec.registry?.storage ? [spec.registry.storage] : [])],
  };
  return digest(JSON.stringify([...common, ...own[service]]));
}
