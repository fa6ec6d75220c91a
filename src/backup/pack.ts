import { createHash } from 'node:crypto';
import { ByteReader } from './byte-reader.ts';
import { files, PART_BYTES, type AppBackup, type BackupContents, type ImageBackup } from './contents.ts';
import { tarEnd, tarFile } from './tar.ts';

export interface BackupSource extends Omit<BackupContents, 'apps' | 'images'> {
  readonly apps: AsyncIterable<AppBackup>;
  /** Called after all apps. */
  readonly images: () => Promise<readonly ImageBackup[]>;
  /** Output of `docker save` for these images; omitted when images are left out. */
  readonly saveImages?: (images: readonly ImageBackup[]) => Promise<AsyncIterable<Uint8Array>>;
}

/** Yields a backup as a tar (see docs/backup.md). At most one app's records or one part of the images is in memory. */
export async function* packBackup(source: BackupSource): AsyncGenerator<Buffer> {
  const { manifest, cluster, tokens, certificate, apps, saveImages } = source;
  const writer = new Writer(Math.floor(Date.parse(manifest.createdAt) / 1000));
  yield* writer.json(files.manifest, manifest);
  yield* writer.json(files.cluster, cluster);
  yield* writer.json(files.tokens, tokens);
  yield* writer.json(files.certificate, certificate);
  for await (const app of apps) yield* writer.json(files.app(app.app.id), app);
  const images = await source.images();
  yield* writer.json(files.images, images);
  if (saveImages && images.length > 0) {
    const saved = new ByteReader(await saveImages(images));
    for (let n = 0; !(await saved.atEnd()); n += 1)
      yield* writer.file(files.imagePart(n), await saved.take(PART_BYTES));
  }
  yield* writer.end();
}

class Writer {
  readonly #seconds: number;
  readonly #sums: string[] = [];

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  json(name: string, value: unknown): Buffer[] {
    return this.file(name, Buffer.from(`${JSON.stringify(value, null, 1)}\n`));
  }

  file(name: string, content: Buffer): Buffer[] {
    this.#sums.push(sumLine(createHash('sha256').update(content).digest('hex'), name));
    return tarFile(name, content, this.#seconds);
  }

  end(): Buffer[] {
    return [...tarFile(files.sums, Buffer.from(this.#sums.join('')), this.#seconds), tarEnd()];
  }
}

/** One line of a SHA256SUMS file. */
export function sumLine(digest: string, name: string): string {
  return `${digest}  ${name}\n`;
}
