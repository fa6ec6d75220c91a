import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ImageInfo, PushedImage, RegistryAuth } from '../../src/engine/index.ts';
import { splitReference } from '../../src/engine/images/references.ts';
import { fail } from '../../src/errors/index.ts';
import type { Registry } from '../../src/registry/client/registry.ts';
import type { Manifest } from '../../src/registry/client/registry.ts';
import type { RemoteImages } from './fake-engine-images.ts';

const MEDIA_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

/** A registry in memory, held to the same contract as `RegistryClient`. */
export class FakeRegistry implements Registry {
  readonly where: string;
  readonly blobs = new Map<string, Buffer>();
  readonly #manifests = new Map<string, Map<string, Manifest>>();
  readonly #tags = new Map<string, Map<string, string>>();
  /** Answers nothing, as on a node that died. */
  down = false;

  readonly node: string;

  constructor(where: string) {
    this.where = where;
    this.node = `node of ${where}`;
  }

  manifest: Registry['manifest'] = async (repository, reference) =>
    this.#up(() => {
      const digest = this.#tags.get(repository)?.get(reference) ?? reference;
      return this.#manifests.get(repository)?.get(digest);
    });

  digestOf: Registry['digestOf'] = async (repository, reference) =>
    (await this.manifest(repository, reference))?.digest;

  putManifest: Registry['putManifest'] = async (repository, reference, manifest) =>
    this.#up(() => {
      const missing = blobsOf(manifest).find((digest) => !this.blobs.has(digest));
      if (missing)
        throw fail('REGISTRY_REFUSED', {
          where: this.where,
          action: `take ${repository}`,
          why: `blob unknown: ${missing}`,
        });
      of(this.#manifests, repository).set(manifest.digest, manifest);
      if (!reference.startsWith('sha256:')) of(this.#tags, repository).set(reference, manifest.digest);
    });

  deleteManifest: Registry['deleteManifest'] = async (repository, digest) =>
    this.#up(() => {
      this.#manifests.get(repository)?.delete(digest);
      for (const [tag, named] of this.#tags.get(repository) ?? [])
        if (named === digest) this.#tags.get(repository)?.delete(tag);
    });

  hasBlob: Registry['hasBlob'] = async (_repository, digest) => this.#up(() => this.blobs.has(digest));

  blob: Registry['blob'] = async (_repository, digest) =>
    this.#up(() => {
      const content = this.blobs.get(digest);
      return content && { size: content.length, body: Readable.from([content]) };
    });

  putBlob: Registry['putBlob'] = async (_repository, digest, { body }) => {
    const content = await buffer(body);
    this.#up(() => void this.blobs.set(digest, content));
  };

  mountBlob: Registry['mountBlob'] = async (_repository, digest) => this.#up(() => this.blobs.has(digest));

  repositories: Registry['repositories'] = async () => this.#up(() => [...this.#manifests.keys()].sort());

  tags: Registry['tags'] = async (repository) => this.#up(() => [...(this.#tags.get(repository)?.keys() ?? [])].sort());

  freeBlobs: Registry['freeBlobs'] = async () =>
    this.#up(() => {
      const used = new Set(
        [...this.#manifests.values()].flatMap((manifests) => [...manifests.values()]).flatMap(blobsOf),
      );
      for (const digest of this.blobs.keys()) if (!used.has(digest)) this.blobs.delete(digest);
    });

  /** Takes an image as an engine pushes it. */
  push(repository: string, tag: string, image: ImageInfo): PushedImage {
    const { id: digest, ...config } = image;
    const known = image.layers.filter((layer) => this.blobs.has(layer)).length;
    this.blobs.set(digest, Buffer.from(JSON.stringify({ ...config, tags: [] })));
    for (const layer of image.layers) this.blobs.set(layer, Buffer.from(layer));
    const layers = image.layers.map((layer) => ({ digest: layer, size: layer.length }));
    const body = Buffer.from(JSON.stringify({ mediaType: MEDIA_TYPE, config: { digest, size: 1 }, layers }));
    const manifest = {
      digest: `sha256:${createHash('sha256').update(body).digest('hex')}`,
      mediaType: MEDIA_TYPE,
      body,
    };
    of(this.#manifests, repository).set(manifest.digest, manifest);
    of(this.#tags, repository).set(tag, manifest.digest);
    return {
      digest: manifest.digest,
      layers: { pushed: layers.length - known, known },
      bytes: 100 * (layers.length - known),
    };
  }

  /** The image that an engine pulls. */
  pull(repository: string, reference: string): Partial<ImageInfo> | undefined {
    const manifest = this.#manifests.get(repository)?.get(this.#tags.get(repository)?.get(reference) ?? reference);
    if (!manifest) return undefined;
    const { config } = JSON.parse(manifest.body.toString()) as { config: { digest: string } };
    const content = this.blobs.get(config.digest);
    return content && { ...(JSON.parse(content.toString()) as ImageInfo), id: config.digest };
  }

  #up<T>(answer: () => T): T {
    if (this.down) throw fail('REGISTRY_UNREACHABLE', { where: this.where, why: 'ECONNREFUSED' });
    return answer();
  }
}

/** Registries behind one name, as a node's hosts file has them: the first that is up answers. */
export function registriesAs(server: string, registries: readonly FakeRegistry[], auth: RegistryAuth): RemoteImages {
  const first = (): FakeRegistry | undefined => registries.find(({ down }) => !down);
  const isKnown = (given: RegistryAuth | undefined): boolean =>
    given?.user === auth.user && given.password.reveal() === auth.password.reveal();
  const split = (reference: string): { name: string; tag: string } =>
    splitReference(reference.slice(server.length + 1));
  return {
    covers: (reference) => reference.startsWith(`${server}/`),
    pull: (reference, given) =>
      isKnown(given) ? first()?.pull(split(reference).name, split(reference).tag) : undefined,
    push: (reference, image, given) => {
      if (!isKnown(given)) return 'unauthorized: authentication required';
      return first()?.push(split(reference).name, split(reference).tag, image) ?? 'dial tcp: connection refused';
    },
  };
}

function blobsOf({ body }: Manifest): string[] {
  const { config, layers } = JSON.parse(body.toString()) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  return [config, ...layers].map(({ digest }) => digest);
}

function of<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const found = map.get(key) ?? new Map<string, V>();
  map.set(key, found);
  return found;
}
