import type { RegistryAuth } from '#engine/engine.ts';
import { fail } from '#errors';
import { systemClock, type Clock } from '#events';
import { RegistryHttp, type RegistryAddress } from './http.ts';
import type { Blob, Manifest, Registry } from './registry.ts';

interface RegistryClientOptions extends RegistryAddress {
  readonly auth: RegistryAuth;
  /** Prefix of every repository: `org` in `ghcr.io/org`. */
  readonly path?: string;
  readonly clock?: Clock;
  /** Id of the node it runs on. */
  readonly node?: string;
  /** How to free blobs; never if omitted. */
  readonly freeBlobs?: () => Promise<void>;
}

const MANIFESTS = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
].join(', ');
const PAGE = 1000;

/** A registry over HTTPS, using the OCI distribution protocol (version 2 of Docker's registry API). */
export class RegistryClient implements Registry {
  readonly where: string;
  readonly node: string | undefined;
  readonly #http: RegistryHttp;
  readonly #prefix: string;
  readonly #free: () => Promise<void>;

  constructor({
    auth,
    path = '',
    clock = systemClock,
    node,
    freeBlobs = () => Promise.resolve(),
    ...address
  }: RegistryClientOptions) {
    this.#http = new RegistryHttp(address, auth, clock);
    this.where = this.#http.where;
    this.node = node;
    this.#prefix = path === '' ? '' : `${path}/`;
    this.#free = freeBlobs;
  }

  async digestOf(repository: string, reference: string): Promise<string | undefined> {
    const { status, headers } = await this.#http.read({
      method: 'HEAD',
      path: this.#path(repository, 'manifests', reference),
      headers: { accept: MANIFESTS },
      accept: [200, 404],
      action: `look for ${repository}:${reference}`,
    });
    return status === 200 ? single(headers['docker-content-digest']) : undefined;
  }

  async manifest(repository: string, reference: string): Promise<Manifest | undefined> {
    const action = `return the manifest ${repository}:${reference}`;
    const { status, headers, body } = await this.#http.read({
      path: this.#path(repository, 'manifests', reference),
      headers: { accept: MANIFESTS },
      accept: [200, 404],
      action,
    });
    if (status === 404) return undefined;
    const digest = single(headers['docker-content-digest']);
    if (!digest) throw fail('REGISTRY_REFUSED', { where: this.where, action, why: 'it did not report a digest' });
    return { digest, mediaType: headers['content-type'] ?? '', body };
  }

  async putManifest(repository: string, reference: string, { mediaType, body }: Manifest): Promise<void> {
    await this.#http.read({
      method: 'PUT',
      path: this.#path(repository, 'manifests', reference),
      headers: { 'content-type': mediaType },
      body,
      accept: [201],
      action: `accept the manifest ${repository}:${reference}`,
    });
  }

  async deleteManifest(repository: string, digest: string): Promise<void> {
    await this.#http.read({
      method: 'DELETE',
      path: this.#path(repository, 'manifests', digest),
      accept: [202, 404],
      action: `delete ${repository}@${digest}`,
    });
  }

  async hasBlob(repository: string, digest: string): Promise<boolean> {
    const { status } = await this.#http.read({
      method: 'HEAD',
      path: this.#path(repository, 'blobs', digest),
      accept: [200, 404],
      action: `look for the layer ${digest}`,
    });
    return status === 200;
  }

  async blob(repository: string, digest: string): Promise<Blob | undefined> {
    const body = await this.#http.send({
      path: this.#path(repository, 'blobs', digest),
      accept: [200, 404],
      action: `return the layer ${digest}`,
    });
    if (body.statusCode === 200) return { size: Number(body.headers['content-length']), body };
    body.resume();
    return undefined;
  }

  async putBlob(repository: string, digest: string, { size, body }: Blob): Promise<void> {
    const action = `accept the layer ${digest}`;
    try {
      const { headers } = await this.#http.read({
        method: 'POST',
        path: this.#path(repository, 'blobs', 'uploads/'),
        accept: [202],
        action,
      });
      await this.#http.read({
        method: 'PUT',
        path: this.#uploadPath(headers.location ?? '', { digest }),
        body,
        accept: [201],
        action,
        headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
      });
    } catch (error) {
      body.destroy();
      throw error;
    }
  }

  async mountBlob(repository: string, digest: string, from: string): Promise<boolean> {
    const action = `mount the layer ${digest}`;
    const query = new URLSearchParams({ mount: digest, from: `${this.#prefix}${from}` });
    const path = `${this.#path(repository, 'blobs', 'uploads/')}?${query.toString()}`;
    const { status, headers } = await this.#http.read({ method: 'POST', path, accept: [201, 202], action });
    if (status === 201) return true;
    // It started an upload instead.
    await this.#http.read({
      method: 'DELETE',
      path: this.#uploadPath(headers.location ?? ''),
      accept: [204, 404],
      action,
    });
    return false;
  }

  async repositories(): Promise<string[]> {
    const all = await this.#pages<{ repositories?: string[] | null }>(
      '/v2/_catalog',
      ({ repositories }) => repositories ?? [],
      'list repositories',
    );
    return all.filter((name) => name.startsWith(this.#prefix)).map((name) => name.slice(this.#prefix.length));
  }

  async tags(repository: string): Promise<string[]> {
    return this.#pages<{ tags?: string[] | null }>(
      this.#path(repository, 'tags', 'list'),
      ({ tags }) => tags ?? [],
      `list the tags of ${repository}`,
    );
  }

  freeBlobs(): Promise<void> {
    return this.#free();
  }

  async #pages<T>(path: string, take: (page: T) => string[], action: string): Promise<string[]> {
    const all: string[] = [];
    for (let next: string | undefined = `${path}?n=${PAGE}`; next;) {
      const { status, headers, body } = await this.#http.read({ path: next, accept: [200, 404], action });
      if (status === 404) break;
      all.push(...take(JSON.parse(body.toString('utf8')) as T));
      next = this.#next(headers.link);
    }
    return all;
  }

  /** RFC 5988: `</v2/_catalog?last=x&n=1000>; rel="next"`. */
  #next(link: string | string[] | undefined): string | undefined {
    const target = /<([^>]+)>;\s*rel="next"/.exec(single(link) ?? '')?.[1];
    return target === undefined ? undefined : this.#uploadPath(target);
  }

  /** Only the path of a URL from the registry counts: it does not know its own address. */
  #uploadPath(location: string, query: Readonly<Record<string, string>> = {}): string {
    const url = new URL(location, 'https://registry');
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    return `${url.pathname}${url.search}`;
  }

  #path(repository: string, kind: 'manifests' | 'blobs' | 'tags', rest: string): string {
    return `/v2/${this.#prefix}${repository}/${kind}/${rest}`;
  }
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
