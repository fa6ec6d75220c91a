import { KIND, label } from '#labels.ts';
import { newContainerName } from '#ownership.ts';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { readTar } from '#archive';
import type { Containers, Images, Labels } from '#engine';
import { fail } from '#errors';
import { hashed } from '../source/source-digest.ts';
import type { ImageTag } from './slug-image.ts';

interface RelayInput {
  readonly app: { readonly id: string; readonly name: string };
  /** Image built with buildpacks. */
  readonly image: string;
  /** The run image to rebase onto. */
  readonly runImage: string;
  readonly buildId: string;
  readonly tag: ImageTag;
}

/** `layer.tar` of engines before 25, blobs of an OCI layout since. */
const LAYER = /(^|\/)layer\.tar$|^blobs\/sha256\/[0-9a-f]{64}$/;
const SLUG = /^(\.\/)?app(\/|$)/;
const WHITEOUT = /(^|\/)\.wh\.[^/]+\/?$/;

/**
 * Rebases a slug onto another run image without rebuilding: unpacks the image's layers above its run image, which only
 * contain /app, and commits them one by one.
 */
export class Relay {
  constructor(
    private readonly engine: Containers & Images,
    private readonly scratch = tmpdir(),
  ) {}

  /** Returns the new image's id. Throws STACK_UPDATE_REFUSED for an image not built with buildpacks. */
  async run(input: RelayInput): Promise<string> {
    const folder = await mkdtemp(join(this.scratch, 'mothership-relay-'));
    try {
      const layers = await this.#slugLayers(input, folder);
      if (layers.length === 0)
        throw fail('STACK_UPDATE_REFUSED', { app: input.app.name, why: 'its image has no layers of its own' });
      return await this.#lay(layers, input);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Files of the top layers that only contain /app, lowest first. */
  async #slugLayers({ app, image }: RelayInput, folder: string): Promise<string[]> {
    const [info, files] = [await this.engine.image(image), await unpack(await this.engine.saveImages([image]), folder)];
    const slug: string[] = [];
    for (const digest of [...(info?.layers ?? [])].reverse()) {
      const file = files.get(digest);
      const kind = file ? await kindOf(file) : 'other';
      if (kind === 'removes')
        throw fail('STACK_UPDATE_REFUSED', { app: app.name, why: 'one of its layers removes files' });
      if (!file || kind === 'other') break;
      slug.unshift(file);
    }
    return slug;
  }

  async #lay(layers: readonly string[], { app, runImage, buildId, tag }: RelayInput): Promise<string> {
    const steps: string[] = [];
    const owner = { [label.app]: app.id, [label.build]: buildId };
    try {
      for (const layer of layers.slice(0, -1)) {
        const step = { repository: `mothership-relay/${app.id}`, tag: `${tag.tag}-${steps.length}` };
        await this.#commit(steps.at(-1) ?? runImage, layer, step, owner, {
          [label.kind]: KIND.layer,
          [label.layerOf]: '',
        });
        steps.push(`${step.repository}:${step.tag}`);
      }
      return await this.#commit(steps.at(-1) ?? runImage, layers.at(-1)!, tag, owner, {
        ...owner,
        [label.kind]: KIND.image,
        [label.layerOf]: '',
      });
    } finally {
      // The image keeps its layers; only their tags are removed.
      for (const step of steps) await this.engine.removeImage(step).catch(() => undefined);
    }
  }

  async #commit(parent: string, layer: string, tag: ImageTag, owner: Labels, labels: Labels): Promise<string> {
    const container = await this.engine.createContainer({
      name: newContainerName(KIND.build),
      image: parent,
      labels: { ...owner, [label.kind]: KIND.build },
      env: {},
      networks: [{ id: 'none' }],
    });
    try {
      await this.engine.putArchive(container, '/', createReadStream(layer));
      return await this.engine.commitContainer(container, tag, { labels });
    } finally {
      await this.engine.removeContainer(container).catch(() => undefined);
    }
  }
}

/** Extracts the layers of a saved image to files, by digest. */
async function unpack(saved: Readable, folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for await (const { header, content } of readTar(saved)) {
    if (header.type !== 'file' || !LAYER.test(header.name)) continue;
    const file = join(folder, `layer-${files.size}`);
    const hash = createHash('sha256');
    await writeFile(file, hashed(content, hash));
    files.set(`sha256:${hash.digest('hex')}`, file);
  }
  return files;
}

/** Whether a layer's tar contains only /app, and whether it removes files from lower layers. */
async function kindOf(file: string): Promise<'slug' | 'removes' | 'other'> {
  let kind: 'slug' | 'removes' = 'slug';
  try {
    for await (const { header } of readTar(createReadStream(file))) {
      if (!SLUG.test(header.name)) return 'other';
      if (WHITEOUT.test(header.name)) kind = 'removes';
    }
    return kind;
  } catch {
    return 'other';
  }
}
