/** Hex digits of an image's id in its tag: enough for millions of images. */
const TAG_LENGTH = 24;

/** An app's repository, without the registry's prefix. */
export function appRepository(app: string): string {
  return `apps/${app}`;
}

/** `platform/debian-13-run`: one of Mothership's own images. */
export function platformRepository(name: string): string {
  return `platform/${name}`;
}

export function isPlatform(repository: string): boolean {
  return repository.startsWith('platform/');
}

/** Derived from the image's id, so that every node can find it. */
export function tagOf(imageId: string): string {
  return imageId.replace(/^sha256:/, '').slice(0, TAG_LENGTH);
}

interface Prefix {
  /** `host` or `host:port`. */
  readonly server: string;
  /** Prefix of every repository; empty for the cluster's own registry. */
  readonly path: string;
}

/** Splits `ghcr.io/org` into server and path. */
export function splitPrefix(prefix: string): Prefix {
  const slash = prefix.indexOf('/');
  return slash < 0 ? { server: prefix, path: '' } : { server: prefix.slice(0, slash), path: prefix.slice(slash + 1) };
}

/** The reference for pushing and pulling. */
export function tagReference(prefix: string, repository: string, imageId: string): string {
  return `${prefix}/${repository}:${tagOf(imageId)}`;
}

/** The reference for services: it identifies the content, and an engine that has it does not ask a registry. */
export function digestReference(prefix: string, repository: string, digest: string): string {
  return `${prefix}/${repository}@${digest}`;
}

/** Returns the repository and digest of a service's image; undefined for images from elsewhere. */
export function parseDigestReference(
  prefix: string,
  reference: string,
): { readonly repository: string; readonly digest: string } | undefined {
  const [name = '', digest] = reference.split('@');
  return digest !== undefined && name.startsWith(`${prefix}/`)
    ? { repository: name.slice(prefix.length + 1), digest }
    : undefined;
}
