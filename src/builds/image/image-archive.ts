import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { fileEntry, packTar, readTar, type TarEntry } from '#archive';
import type { ImageInfo } from '#engine';
import { fail } from '#errors';
import { hashed } from '../source/source-digest.ts';

/** How many of the lowest layers one of the images has too. */
export function knownLayers(layers: readonly string[], images: readonly Pick<ImageInfo, 'layers'>[]): number {
  const shared = images.map((image) => {
    const other = layers.findIndex((digest, at) => image.layers[at] !== digest);
    return other < 0 ? layers.length : other;
  });
  return Math.max(0, ...shared);
}

interface ArchivedImage {
  readonly layers: readonly string[];
  /** How many of the lowest are left out. */
  readonly known: number;
  readonly config: string;
  readonly tag: string;
}

/**
 * How files begin that the engine would unpack: bzip2, gzip, xz, zstd and its skippable frames (`DetectCompression` in
 * moby). A tar begins with the name of its first file, so one can be both.
 */
const COMPRESSED = /^(?:BZh|\x1f\x8b|\xfd7zXZ|\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)/;
const LONGEST_MAGIC = 5;
/** Names of layers in the tar that a build's container gives: their numbers. */
const LAYER = /(?:^|\/)(\d{3})$/;

/**
 * A tar for `docker load` of an image whose lowest layers the engine has: their files are left out, and the engine
 * uses its own (see `tarexport` in moby, which looks for a layer by its chain before it reads the file). `contents` has the
 * others. The engine does not compare a layer that it has with the file, so each file is compared with its digest here,
 * and the manifest, without which nothing is loaded, comes last. Fails with BUILD_FAILED.
 */
export function imageArchive(image: ArchivedImage, contents: Readable, limitBytes: number): Readable {
  return packTar(entries(image, contents, limitBytes));
}

async function* entries(
  { layers, known, config, tag }: ArchivedImage,
  contents: Readable,
  limitBytes: number,
): AsyncGenerator<TarEntry> {
  let left = limitBytes;
  let next = known;
  for await (const { header, content } of readTar(contents)) {
    const number = Number(LAYER.exec(header.name)?.[1]);
    if (header.type !== 'file') continue;
    if (number !== next++) throw refused('its layers are not in order');
    left -= header.size ?? 0;
    if (left < 0) throw refused('its layers are larger than its disk space');
    const hash = createHash('sha256');
    const layer = hashed(plain(content), hash);
    yield { header: { name: layerName(number), type: 'file', size: header.size }, content: layer };
    if (`sha256:${hash.digest('hex')}` !== layers[number]) throw refused('a layer has another digest');
  }
  if (next !== layers.length) throw refused('a layer is missing');
  const name = `${createHash('sha256').update(config).digest('hex')}.json`;
  yield fileEntry({ name }, config);
  const manifest = [{ Config: name, RepoTags: [tag], Layers: layers.map((_, number) => layerName(number)) }];
  yield fileEntry({ name: 'manifest.json' }, JSON.stringify(manifest));
}

/** Throws before the first byte if the engine would unpack the layer, to a size that nobody has limited. */
async function* plain(layer: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of layer) {
    if (start === undefined) yield chunk;
    else {
      start = Buffer.concat([start, chunk]);
      if (start.length < LONGEST_MAGIC) continue;
      if (COMPRESSED.test(start.toString('latin1', 0, LONGEST_MAGIC))) throw refused('a layer is compressed');
      yield start;
      start = undefined;
    }
  }
  if (start?.length) yield start;
}

function layerName(number: number): string {
  return `${number}/layer.tar`;
}

function refused(why: string): Error {
  return fail('BUILD_FAILED', { what: `its image cannot be loaded: ${why}`, lines: [] });
}
