import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Engine, ImageConfig } from '../engine/index.ts';
import { KIND, label } from './labels.ts';

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

export interface SlugImageOptions {
  readonly app: { readonly id: string };
  readonly buildId: string;
  readonly runImage: string;
}

const LAYER = /^[a-z0-9-]{1,40} [A-Za-z0-9._+-]{1,200}$/;
const MAX_LAYERS = 8;

/** Lays a slug on the run image: an image for each layer, kept for the next build of the app, and the rest on top. */
export class SlugImage {
  readonly #engine: Engine;
  readonly #options: SlugImageOptions;
  readonly #leftovers: Promise<void>[] = [];

  constructor(engine: Engine, options: SlugImageOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** "NAME KEY" of the layers that this app has in the engine. */
  async knownLayers(): Promise<string[]> {
    const images = await this.#engine.images({ [label.layerOf]: this.#options.app.id });
    return images.map((image) => image.labels[label.layer] ?? '').filter((line) => LAYER.test(line));
  }

  /** The image's id; undefined when the slug leaves out a layer that there is no image of after all. */
  async make(slug: Slug, tag: { repository: string; tag: string }): Promise<string | undefined> {
    const { app, buildId, runImage } = this.#options;
    const parents = [runImage];
    for (const layer of slug.layers) {
      const image = await this.#layerImage(parents.at(-1) ?? runImage, layer, slug);
      if (!image) return undefined;
      parents.push(image);
    }
    const labels = { [label.kind]: KIND.image, [label.app]: app.id, [label.build]: buildId, [label.layerOf]: '', [label.layer]: '' };
    const image = await this.#commit(parents.at(-1) ?? runImage, await slug.rest(), tag, labels);
    this.#leftovers.push(this.#forgetLayers(parents));
    return image;
  }

  /** Containers and layers that are not needed any more are gone when this resolves. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#leftovers);
  }

  async #layerImage(parent: string, layer: SlugLayer, slug: Slug): Promise<string | undefined> {
    const { app } = this.#options;
    const line = `${layer.name} ${layer.key}`;
    const tag = { repository: `mothership-layer/${app.id}`, tag: createHash('sha256').update(`${parent} ${line}`).digest('hex').slice(0, 32) };
    const known = await this.#engine.image(`${tag.repository}:${tag.tag}`);
    if (known || !layer.made) return known?.id;
    const labels = { [label.kind]: KIND.layer, [label.app]: app.id, [label.layerOf]: app.id, [label.layer]: line };
    return this.#commit(parent, await slug.layer(layer.name), tag, labels);
  }

  async #commit(parent: string, tar: Readable, tag: { repository: string; tag: string }, labels: ImageConfig['labels']): Promise<string> {
    const { app, buildId } = this.#options;
    const container = await this.#engine.createContainer({
      image: parent,
      labels: { [label.kind]: KIND.build, [label.app]: app.id, [label.build]: buildId },
      env: {},
      networks: [{ id: 'none' }],
    });
    try {
      await this.#engine.putArchive(container, '/', tar);
      return await this.#engine.commitContainer(container, tag, labels ? { labels } : {});
    } finally {
      this.#leftovers.push(this.#engine.removeContainer(container).catch(() => undefined));
    }
  }

  /** Images of releases keep what they stand on; only the name that a next build would find goes. */
  async #forgetLayers(used: readonly string[]): Promise<void> {
    const images = await this.#engine.images({ [label.layerOf]: this.#options.app.id });
    for (const image of images.filter(({ id }) => !used.includes(id))) {
      for (const tag of image.tags) await this.#engine.removeImage(tag).catch(() => undefined);
    }
  }
}

/** Lines of "NAME KEY made|known" as a build's driver writes them; what is malformed is no layer. */
export function parseLayers(text: string): SlugLayer[] {
  const lines = text.split('\n').map((line) => /^(\S+) (\S+) (made|known)$/.exec(line)).filter((match) => match !== null);
  return lines
    .map(([, name = '', key = '', state]) => ({ name, key, made: state === 'made' }))
    .filter(({ name, key }) => LAYER.test(`${name} ${key}`))
    .slice(0, MAX_LAYERS);
}
