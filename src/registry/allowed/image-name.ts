import { fail } from '#errors';
import { looksPublic, type NamedHost } from './addresses.ts';

/** Which images and servers users may name. */
export interface ImageRules {
  /** Registries and servers at private addresses that an admin allowed: `10.0.0.5:5000`. */
  readonly allowed?: readonly string[] | undefined;
  /** Prefix of the cluster's own images in its registry: `registry.example.com/paas`. */
  readonly own?: string | undefined;
  /** The platform's images that are for everyone, by their names. */
  readonly open?: readonly string[] | undefined;
}

const MAX_NAME = 500;
const HOST = /^(?:[A-Za-z0-9]+(?:[.-]+[A-Za-z0-9]+)*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
const PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
/** https://pkg.go.dev/github.com/distribution/reference: path, tag, digest. */
const REST = new RegExp(`^${PART}(?:/${PART})*(?::\\w[\\w.-]{0,127})?(?:@[a-z0-9+.]+:[0-9a-f]{32,})?$`);
/** https://github.com/containers/image/blob/main/docs/containers-transports.5.md; `docker:24` is an image. */
const TRANSPORT =
  /^(?:atomic|containers-storage|dir|docker-archive|docker-daemon|oci|oci-archive|ostree|sif|tarball|sha256|sha512):/;
const DOCKER_HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/**
 * Checks an image that a user named. Returns its registry, to be looked up before a pull, unless it is Docker Hub or
 * allowed. Throws IMAGE_REFUSED or ADDRESS_PRIVATE.
 */
export function checkImageName(image: string, rules: ImageRules, where: string): NamedHost | undefined {
  if (rules.open?.includes(image)) return undefined;
  const refused = (why: string): Error => fail('IMAGE_REFUSED', { image: image.slice(0, MAX_NAME), where, why });
  if (image.length > MAX_NAME) throw refused(`its name is longer than ${MAX_NAME} characters`);
  if (/^[0-9a-f]+$/.test(image)) throw refused('ids of images are not allowed; add a tag if it is a name');
  if (TRANSPORT.test(image)) throw refused('only images of registries are allowed, by their names');
  const { host, path } = split(image);
  if (!REST.test(path) || !HOST.test(host)) throw refused('this is not a name of an image');
  if (isPlatforms(host, path, rules)) throw refused("the cluster's own images are not allowed");
  if (DOCKER_HUB.has(host.toLowerCase())) return undefined;
  return checkHost(host, rules, where);
}

/** The registry of an image, in lower case: `docker.io`, `ghcr.io`. */
export function registryOf(image: string): string {
  const host = split(image).host.toLowerCase();
  return DOCKER_HUB.has(host) ? 'docker.io' : host;
}

/** Checks a server that a user named, `host[:port]`. Returns it if it has to be looked up. Throws ADDRESS_PRIVATE. */
export function checkHost(host: string, { allowed = [] }: ImageRules, where: string): NamedHost | undefined {
  const name = host.toLowerCase();
  if (allowed.includes(name)) return undefined;
  if (!looksPublic(name)) throw fail('ADDRESS_PRIVATE', { host: name, where });
  return { host: name, where };
}

/** Docker's rule: the first part is a registry if it has a dot or a colon, or is `localhost`. */
function split(image: string): { host: string; path: string } {
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(slash, 0));
  const isHost = /[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  return isHost ? { host: first, path: image.slice(slash + 1) } : { host: 'docker.io', path: image };
}

/** By their local names, which Docker also understands with Docker Hub's host before them, and in the registry. */
function isPlatforms(host: string, path: string, { own }: ImageRules): boolean {
  if (DOCKER_HUB.has(host.toLowerCase())) return /^(?:library\/)?mothership(?![a-z0-9])/.test(path);
  if (/(^|\.)mothership\.internal\.?(:|$)/i.test(host)) return true;
  return own !== undefined && `${host.toLowerCase()}/${path}`.startsWith(`${own.toLowerCase()}/`);
}
