/** Hex digits of an image's id that make its tag: enough to name one of millions. */
const TAG_LENGTH = 24;

/** Where an app's images are, below the registry's prefix. */
export function appRepository(app: string): string {
  return `apps/${app}`;
}

/** `platform/debian-13-run`: an image of Mothership itself. */
export function platformRepository(name: string): string {
  return `platform/${name}`;
}

export function isPlatform(repository: string): boolean {
  return repository.startsWith('platform/');
}

/** The tag follows from the image's id, so that any node finds an image without being told where it went. */
export function tagOf(imageId: string): string {
  return imageId.replace(/^sha256:/, '').slice(0, TAG_LENGTH);
}

export interface Prefix {
  /** `host` or `host:port`. */
  readonly server: string;
  /** Before every repository; empty for a registry of one's own. */
  readonly path: string;
}

/** `ghcr.io/org` apart. */
export function splitPrefix(prefix: string): Prefix {
  const slash = prefix.indexOf('/');
  return slash < 0 ? { server: prefix, path: '' } : { server: prefix.slice(0, slash), path: prefix.slice(slash + 1) };
}

/** What an engine pushes and pulls by. */
export function tagReference(prefix: string, repository: string, imageId: string): string {
  return `${prefix}/${repository}:${tagOf(imageId)}`;
}

/** What services use: it names the content, and an engine that has it asks no registry. */
export function digestReference(prefix: string, repository: string, digest: string): string {
  return `${prefix}/${repository}@${digest}`;
}

/** The repository and digest of a service's image; undefined for one that is not of this registry. */
export function parseDigestReference(
  prefix: string,
  reference: string,
): { readonly repository: string; readonly digest: string } | undefined {
  const [name = '', digest] = reference.split('@');
  return digest !== undefined && name.startsWith(`${prefix}/`)
    ? { repository: name.slice(prefix.length + 1), digest }
    : undefined;
}
