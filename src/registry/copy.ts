import { fail } from '#errors';
import type { Manifest, Registry } from './client/registry.ts';

interface ManifestJson {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  /** In an index: one image per platform. */
  readonly manifests?: readonly { readonly digest: string }[];
}

const BLOBS_AT_ONCE = 3;

/** Copies an image between registries, layer by layer, skipping existing layers. */
export class ImageCopy {
  /** Repositories of the target registry that probably have some layers. */
  readonly #relatives: readonly string[];

  constructor(
    private readonly from: Registry,
    private readonly to: Registry,
    private readonly repository: string,
    relatives: readonly string[] = [],
  ) {
    this.#relatives = relatives.filter((relative) => relative !== repository);
  }

  /** Copies to a tag. Throws IMAGE_GONE if the source is incomplete. */
  async run(digest: string, tag: string): Promise<void> {
    await this.#copy(await this.#read(digest), tag);
  }

  async #copy(manifest: Manifest, reference: string): Promise<void> {
    const { config, layers = [], manifests = [] } = JSON.parse(manifest.body.toString('utf8')) as ManifestJson;
    for (const { digest } of manifests) await this.#copy(await this.#read(digest), digest);
    const blobs = [...new Set([...(config ? [config] : []), ...layers].map(({ digest }) => digest))];
    for (let next = 0; next < blobs.length; next += BLOBS_AT_ONCE) {
      await Promise.all(blobs.slice(next, next + BLOBS_AT_ONCE).map((digest) => this.#copyBlob(digest)));
    }
    await this.to.putManifest(this.repository, reference, manifest);
  }

  async #copyBlob(digest: string): Promise<void> {
    if (await this.to.hasBlob(this.repository, digest)) return;
    for (const relative of this.#relatives) if (await this.to.mountBlob(this.repository, digest, relative)) return;
    const blob = await this.from.blob(this.repository, digest);
    if (!blob) throw this.#gone(digest);
    await this.to.putBlob(this.repository, digest, blob);
  }

  async #read(digest: string): Promise<Manifest> {
    const manifest = await this.from.manifest(this.repository, digest);
    if (!manifest) throw this.#gone(digest);
    return manifest;
  }

  #gone(digest: string): unknown {
    return fail('IMAGE_GONE', { image: `${this.repository}@${digest}` });
  }
}
