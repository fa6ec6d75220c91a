import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { fileEntry, packTar, type TarEntry } from '#archive';
import { cut } from './chunks.ts';
import { files, PART_BYTES, type AppBackup, type BackupContents, type ImageBackup } from './contents.ts';

export interface BackupSource extends Omit<BackupContents, 'apps' | 'images'> {
  readonly apps: AsyncIterable<AppBackup>;
  /** Called once all apps were read. */
  readonly images: () => Promise<readonly ImageBackup[]>;
  /** Output of `docker save` for these images; omitted when images are left out. */
  readonly saveImages?: (images: readonly ImageBackup[]) => Promise<AsyncIterable<Uint8Array>>;
}

/** A backup as a tar: see docs/backup.md. Holds one app's records or one part of the images in memory at a time. */
export function packBackup(source: BackupSource): Readable {
  return packTar(entriesOf(source));
}

async function* entriesOf(source: BackupSource): AsyncGenerator<TarEntry> {
  const sums: string[] = [];
  const mtime = new Date(source.manifest.createdAt);
  const file = (name: string, content: Buffer): TarEntry => {
    sums.push(sumLine(name, content));
    return fileEntry({ name, mode: 0o600, mtime }, content);
  };
  const json = (name: string, value: unknown): TarEntry =>
    file(name, Buffer.from(`${JSON.stringify(value, null, 1)}\n`));

  for (const name of ['manifest', 'cluster', 'tokens', 'certificate'] as const) yield json(files[name], source[name]);
  for await (const app of source.apps) yield json(files.app(app.app.id), app);
  const images = await source.images();
  yield json(files.images, images);
  if (source.saveImages && images.length > 0) {
    let parts = 0;
    for await (const part of cut(await source.saveImages(images), PART_BYTES))
      yield file(files.imagePart(parts++), part);
  }
  yield file(files.sums, Buffer.from(sums.join('')));
}

/** One line of a SHA256SUMS file. */
export function sumLine(name: string, content: Buffer): string {
  return `${createHash('sha256').update(content).digest('hex')}  ${name}\n`;
}
