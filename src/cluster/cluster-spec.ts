import { createHash } from 'node:crypto';
import type { ClusterRecord } from '../store/index.ts';
import type { Settings } from './options.ts';
import type { PlatformImages } from './platform-images.ts';

/** What a cluster should be: settings, image recipes and the names that follow from them. */
export interface ClusterSpec {
  readonly version: string;
  readonly provider: string;
  readonly settings: Settings;
  readonly images: PlatformImages;
  readonly certificate: { readonly cert: string; readonly key: string };
  /** Name of the config with the CA bundle for builds. */
  readonly caBundle?: string;
}

/** How much of a digest goes into a name. */
const SHORT = 8;

export function clusterSpec(parts: Pick<ClusterSpec, 'version' | 'provider' | 'settings' | 'images'>, record: ClusterRecord | undefined): ClusterSpec {
  const { domain, caBundle } = parts.settings;
  // Swarm's objects never change, so what they hold is part of their names.
  const bundle = caBundle ? `mothership-ca-bundle-${digest(caBundle)}` : record?.caBundle;
  return {
    ...parts,
    certificate: { cert: `mothership-tls-cert-${digest(domain)}`, key: `mothership-tls-key-${digest(domain)}` },
    ...(bundle ? { caBundle: bundle } : {}),
  };
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

export function clusterRecord(spec: ClusterSpec, facts: { images: ImageIds; publish: 'ingress' | 'host'; createdAt: string }): ClusterRecord {
  const { settings, images } = { settings: spec.settings, images: facts.images };
  return {
    name: settings.name,
    version: spec.version,
    createdAt: facts.createdAt,
    domain: settings.domain,
    httpPort: settings.httpPort,
    httpsPort: settings.httpsPort,
    publish: facts.publish,
    defaultStack: settings.stack,
    stacks: { [settings.stack]: { buildImage: images.stackBuild, runImage: images.stackRun } },
    images: { controller: images.controller, router: images.router },
    provider: spec.provider,
    ...(settings.npmRegistry ? { npmRegistry: settings.npmRegistry } : {}),
    ...(spec.caBundle ? { caBundle: spec.caBundle } : {}),
  };
}

/** Whether a record says other things than the spec; images are looked at apart. */
export function recordDiffers(spec: ClusterSpec, record: ClusterRecord): boolean {
  const { settings } = spec;
  const wanted = [spec.version, settings.domain, settings.httpPort, settings.httpsPort, settings.stack, settings.npmRegistry, spec.caBundle];
  const held = [record.version, record.domain, record.httpPort, record.httpsPort, record.defaultStack, record.npmRegistry, record.caBundle];
  return JSON.stringify(wanted) !== JSON.stringify(held) || (settings.publish !== 'auto' && settings.publish !== record.publish);
}

/** Of all that a service is made from: another value means that it must be updated. */
export function fingerprint(spec: ClusterSpec, service: 'controller' | 'router'): string {
  const { settings, images, certificate } = spec;
  const common = [spec.version, settings.name, settings.domain, settings.httpPort, settings.httpsPort];
  const own = service === 'router'
    ? [images.router.tag, settings.publish, certificate.cert]
    : [images.controller.tag, images.stackRun.tag, images.stackBuild.tag, settings.npmRegistry, spec.caBundle];
  return digest(JSON.stringify([...common, ...own]));
}
