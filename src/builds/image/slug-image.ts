import { KIND, label } from '#labels.ts';
import { newContainerName } from '#ownership.ts';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { readTar } from '#archive';
import type { Containers, ImageInfo, Images, Labels } from '#engine';
import { LAYER_TIME, settledTar } from './reproducible-tar.ts';

/** A part of the slug that depends only on its key, for example the packages of a lock file. */
interface SlugLayer {
  readonly name: string;
  readonly key: string;
  /** False if the build skipped it because the layer already exists. */
  readonly made: boolean;
}

/** Output of a build, as tars whose entries start with `app/`. */
export interface Slug {
  readonly layers: readonly SlugLayer[];
  layer(name: string): Promise<Readable>;
  rest(): Promise<Readable>;
}

export interface ImageTag {
  readonly repository: string;
  readonly tag: string;
}

interface SlugImageOptions {
  readonly app: { readonly id: string };
  readonly buildId: string;
  readonly runImage: string;
  /** Newer files in the rest of the slug were created by the build and get this time. */
  readonly modified: Date;
}

const LAYER = /^[a-z0-9]{1,20} [A-Za-z0-9._-]{1,80}$/;
const MAX_LAYERS = 8;
const REPOSITORY = 'mothership-layer';
/** Value of `layerOf` on layers shared between apps. */
const ANY_APP = '*';
/** Layers that apps are likely to share: `runtime`, `pythonruntime`. */
const RUNTIME = /runtime$/;

/**
 * Commits a slug onto the run image: one image per layer, kept for the app's next build, and the rest on top. Identical
 * content gives byte-identical layers on every node.
 */
export class SlugImage {
  readonly #repository: string;
  readonly #leftovers: Promise<void>[] = [];

  constructor(
    private readonly engine: Containers & Images,
    private readonly options: SlugImageOptions,
  ) {
    this.#repository = `${REPOSITORY}/${options.app.id}`;
  }

  /** "NAME KEY" of this app's layers in the engine. */
  async knownLayers(): Promise<string[]> {
    return (await this.#images()).flatMap(({ tags }) =>
      tags.map((tag) => this.#lineOf(tag)).filter((line) => LAYER.test(line)),
    );
  }

  /** Returns the image's id; undefined if the slug skips a layer whose image no longer exists. */
  async make(slug: Slug, tag: ImageTag): Promise<string | undefined> {
    const { app, buildId, runImage, modified } = this.options;
    let parent = runImage;
    const used: string[] = [];
    for (const layer of slug.layers) {
      const image = await this.#layerImage(parent, layer, slug);
      if (!image) return undefined;
      used.push(image);
      parent = image;
    }
    const labels = { [label.kind]: KIND.image, [label.app]: app.id, [label.build]: buildId, [label.layerOf]: '' };
    const image = await this.#commit(parent, settledTar(await slug.rest(), { atMost: modified }), tag, labels);
    this.#leftovers.push(this.#forgetAllBut(used));
    return image;
  }

  /** Deletes all layers of the app. Images of releases keep theirs. */
  async forget(): Promise<void> {
    await this.#forgetAllBut([]);
  }

  /** Resolves when containers and layers that are no longer needed are removed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#leftovers);
  }

  async #layerImage(parent: string, layer: SlugLayer, slug: Slug): Promise<string | undefined> {
    const tag = { repository: this.#repository, tag: `${layer.name}--${layer.key}--${digest(parent).slice(0, 12)}` };
    const known = await this.engine.image(reference(tag));
    if (known || !layer.made) return known?.id;
    if (RUNTIME.test(layer.name)) return this.#sharedImage(parent, layer, slug, tag);
    return this.#commit(parent, await settledLayer(slug, layer), tag, this.#layerLabels(this.options.app.id));
  }

  /**
   * Shares a layer between apps only if its content is byte-identical; a build's claims are not trusted. Only the first
   * app reads the layer twice; others do not write it at all.
   */
  async #sharedImage(parent: string, layer: SlugLayer, slug: Slug, tag: ImageTag): Promise<string> {
    const content = await contentDigest(await slug.layer(layer.name));
    const shared = { repository: `${REPOSITORY}/any`, tag: digest(`${parent} ${content}`).slice(0, 32) };
    const same = await this.engine.image(reference(shared));
    // Its last app may have deleted it between the two calls.
    if (
      same &&
      (await this.engine.tagImage(same.id, reference(tag)).then(
        () => true,
        () => false,
      ))
    )
      return same.id;
    const image = await this.#commit(parent, await settledLayer(slug, layer), tag, this.#layerLabels(ANY_APP));
    await this.engine.tagImage(image, reference(shared));
    return image;
  }

  async #commit(parent: string, tar: Readable, tag: ImageTag, labels: Labels): Promise<string> {
    const { app, buildId } = this.options;
    const container = await this.engine.createContainer({
      name: newContainerName(KIND.build),
      image: parent,
      labels: { [label.kind]: KIND.build, [label.app]: app.id, [label.build]: buildId },
      env: {},
      networks: [{ id: 'none' }],
    });
    try {
      await this.engine.putArchive(container, '/', tar);
      return await this.engine.commitContainer(container, tag, { labels });
    } finally {
      this.#leftovers.push(this.engine.removeContainer(container).catch(() => undefined));
    }
  }

  /** A shared layer is deleted with the last app that uses it. */
  async #forgetAllBut(used: readonly string[]): Promise<void> {
    for (const { id, tags } of await this.#images()) {
      if (used.includes(id)) continue;
      const own = tags.filter((tag) => tag.startsWith(`${this.#repository}:`));
      const others = tags.filter((tag) => !own.includes(tag) && !tag.startsWith(`${REPOSITORY}/any:`));
      const unneeded = others.length > 0 ? own : tags;
      for (const tag of unneeded) await this.engine.removeImage(tag).catch(() => undefined);
    }
  }

  async #images(): Promise<ImageInfo[]> {
    const lists = [this.options.app.id, ANY_APP].map((app) => this.engine.images({ [label.layerOf]: app }));
    return (await Promise.all(lists)).flat();
  }

  #layerLabels(layerOf: string): Labels {
    return { [label.kind]: KIND.layer, [label.app]: '', [label.build]: '', [label.layerOf]: layerOf };
  }

  #lineOf(tag: string): string {
    const [name = '', key = ''] = tag.startsWith(`${this.#repository}:`)
      ? tag.slice(this.#repository.length + 1).split('--')
      : [];
    return `${name} ${key}`;
  }
}

async function settledLayer(slug: Slug, { name }: SlugLayer): Promise<Readable> {
  return settledTar(await slug.layer(name), { all: LAYER_TIME });
}

function reference({ repository, tag }: ImageTag): string {
  return `${repository}:${tag}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Covers names, types, permissions and contents, but not times. */
async function contentDigest(tar: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const { header, content } of readTar(tar)) {
    const { name, type, mode, linkname, size } = header;
    hash.update(JSON.stringify([name, type, mode, linkname, size]));
    for await (const chunk of content) hash.update(chunk);
  }
  return hash.digest('hex');
}

/** Parses lines "NAME KEY made|known" written by the build's driver; malformed lines are ignored. */
export function parseLayers(text: string): SlugLayer[] {
  const lines = text
    .split('\n')
    .map((line) => /^(\S+) (\S+) (made|known)$/.exec(line))
    .filter((match) => match !== null);
  return lines
    .map(([, name = '', key = '', state]) => ({ name, key, made: state === 'made' }))
    .filter(({ name, key }) => LAYER.test(`${name} ${key}`))
    .slice(0, MAX_LAYERS);
}
