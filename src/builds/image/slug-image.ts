import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { readTar } from '../../archive/index.ts';
import type { Engine, ImageInfo, Labels } from '../../engine/index.ts';
import { KIND, label } from '../labels.ts';
import { LAYER_TIME, settledTar } from './reproducible-tar.ts';

/** A part of the slug that follows from its key, e.g. what a lock file installs. */
export interface SlugLayer {
  readonly name: string;
  readonly key: string;
  /** False when the build left it out, because the Builder said that it has it. */
  readonly made: boolean;
}

/** What a build made, as tars whose entries start with `app/`. */
export interface Slug {
  readonly layers: readonly SlugLayer[];
  layer(name: string): Promise<Readable>;
  rest(): Promise<Readable>;
}

export interface ImageTag {
  readonly repository: string;
  readonly tag: string;
}

export interface SlugImageOptions {
  readonly app: { readonly id: string };
  readonly buildId: string;
  readonly runImage: string;
  /** What is younger in the rest of the slug was made by the build, and gets this time. */
  readonly modified: Date;
}

const LAYER = /^[a-z0-9]{1,20} [A-Za-z0-9._-]{1,80}$/;
const MAX_LAYERS = 8;
const REPOSITORY = 'mothership-layer';
/** Value of `layerOf` on layers of which several apps have the same. */
const ANY_APP = '*';
/** The layers that apps are likely to have in common: `runtime`, `pythonruntime`. */
const RUNTIME = /runtime$/;

/**
 * Lays a slug on the run image: an image for each layer, kept for the next build of the app, and the rest on top. What has
 * the same content is the same layer to the byte, on whatever node and day it is made.
 */
export class SlugImage {
  readonly #engine: Engine;
  readonly #options: SlugImageOptions;
  readonly #repository: string;
  readonly #leftovers: Promise<void>[] = [];

  constructor(engine: Engine, options: SlugImageOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#repository = `${REPOSITORY}/${options.app.id}`;
  }

  /** "NAME KEY" of the layers that this app has in the engine. */
  async knownLayers(): Promise<string[]> {
    return (await this.#images()).flatMap(({ tags }) =>
      tags.map((tag) => this.#lineOf(tag)).filter((line) => LAYER.test(line)),
    );
  }

  /** The image's id; undefined when the slug leaves out a layer that there is no image of after all. */
  async make(slug: Slug, tag: ImageTag): Promise<string | undefined> {
    const { app, buildId, runImage, modified } = this.#options;
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

  /** Forgets all layers of the app. Images of releases keep what they stand on. */
  async forget(): Promise<void> {
    await this.#forgetAllBut([]);
  }

  /** Containers and layers that are not needed any more are gone when this resolves. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#leftovers);
  }

  async #layerImage(parent: string, layer: SlugLayer, slug: Slug): Promise<string | undefined> {
    const tag = { repository: this.#repository, tag: `${layer.name}--${layer.key}--${digest(parent).slice(0, 12)}` };
    const known = await this.#engine.image(reference(tag));
    if (known || !layer.made) return known?.id;
    if (RUNTIME.test(layer.name)) return this.#sharedImage(parent, layer, slug, tag);
    return this.#commit(parent, await settledLayer(slug, layer), tag, this.#layerLabels(this.#options.app.id));
  }

  /**
   * Apps share a layer whose content is the same to the byte: a build's word for it proves nothing. Only the first app reads
   * the layer a second time; all others are spared writing it.
   */
  async #sharedImage(parent: string, layer: SlugLayer, slug: Slug, tag: ImageTag): Promise<string> {
    const content = await contentDigest(await slug.layer(layer.name));
    const shared = { repository: `${REPOSITORY}/any`, tag: digest(`${parent} ${content}`).slice(0, 32) };
    const same = await this.#engine.image(reference(shared));
    // It can be forgotten by its last app between the two calls.
    if (
      same &&
      (await this.#engine.tagImage(same.id, reference(tag)).then(
        () => true,
        () => false,
      ))
    )
      return same.id;
    const image = await this.#commit(parent, await settledLayer(slug, layer), tag, this.#layerLabels(ANY_APP));
    await this.#engine.tagImage(image, reference(shared));
    return image;
  }

  async #commit(parent: string, tar: Readable, tag: ImageTag, labels: Labels): Promise<string> {
    const { app, buildId } = this.#options;
    const container = await this.#engine.createContainer({
      image: parent,
      labels: { [label.kind]: KIND.build, [label.app]: app.id, [label.build]: buildId },
      env: {},
      networks: [{ id: 'none' }],
    });
    try {
      await this.#engine.putArchive(container, '/', tar);
      return await this.#engine.commitContainer(container, tag, { labels });
    } finally {
      this.#leftovers.push(this.#engine.removeContainer(container).catch(() => undefined));
    }
  }

  /** A shared layer goes with the last app that names it. */
  async #forgetAllBut(used: readonly string[]): Promise<void> {
    for (const { id, tags } of await this.#images()) {
      if (used.includes(id)) continue;
      const own = tags.filter((tag) => tag.startsWith(`${this.#repository}:`));
      const others = tags.filter((tag) => !own.includes(tag) && !tag.startsWith(`${REPOSITORY}/any:`));
      const unneeded = others.length > 0 ? own : tags;
      for (const tag of unneeded) await this.#engine.removeImage(tag).catch(() => undefined);
    }
  }

  async #images(): Promise<ImageInfo[]> {
    const lists = [this.#options.app.id, ANY_APP].map((app) => this.#engine.images({ [label.layerOf]: app }));
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

/** Of names, kinds, permissions and bytes; times do not count. */
async function contentDigest(tar: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const { header, content } of readTar(tar)) {
    const { name, type, mode, linkname, size } = header;
    hash.update(JSON.stringify([name, type, mode, linkname, size]));
    for await (const chunk of content) hash.update(chunk);
  }
  return hash.digest('hex');
}

/** Lines of "NAME KEY made|known" as a build's driver writes them; what is malformed is no layer. */
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
