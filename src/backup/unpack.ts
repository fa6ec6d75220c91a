import { Readable } from 'node:stream';
import { MiB } from '#values/size.ts';
import { contentOf, readTar, type Header, type TarEntry } from '#archive';
import { fail, isMothershipError } from '#errors';
import {
  damaged,
  files,
  FORMAT_VERSION,
  PART_BYTES,
  type AppBackup,
  type BackupContents,
  type CertificateBackup,
  type ImageBackup,
  type Manifest,
} from './contents.ts';
import { sumLine } from './pack.ts';
import { parse } from './schema.ts';

type Entry = TarEntry<Header>;

/** Records of one app with 20 releases of the largest config vars that the store accepts. */
const MAX_BYTES = 64 * MiB;

/** Reads a backup to its end and checks every file in it. Throws BACKUP_DAMAGED, BACKUP_UNKNOWN or BACKUP_TOO_NEW. */
export async function readBackup(source: AsyncIterable<Uint8Array>): Promise<BackupContents> {
  const reader = new Reader();
  let broken: Error | undefined;
  const noticed = (error: Error): void => void (broken = error);
  try {
    for await (const entry of readTar(Readable.from(watched(source, noticed)))) await reader.add(entry);
  } catch (error) {
    if (isMothershipError(error)) throw error;
    throw broken ?? damaged('it is not a complete tar', error);
  }
  return reader.contents();
}

/** The same stream, as buffers; reports an error of its own, which says nothing about the backup. */
async function* watched(source: AsyncIterable<Uint8Array>, onError: (error: Error) => void): AsyncGenerator<Buffer> {
  try {
    for await (const { buffer, byteOffset, byteLength } of source) yield Buffer.from(buffer, byteOffset, byteLength);
  } catch (error) {
    onError(error as Error);
    throw error;
  }
}

/** The input for `docker load`: the image parts of a backup that was checked before. */
export async function* readImages(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const { header, content } of readTar(Readable.from(source)))
    if (header.name.startsWith('images/')) yield* content;
}

class Reader {
  readonly #sums: string[] = [];
  #manifest: Manifest | undefined;
  #cluster: BackupContents['cluster'] | undefined;
  #tokens: BackupContents['tokens'] | undefined;
  #certificate: CertificateBackup | null | undefined;
  #images: ImageBackup[] | undefined;
  readonly #apps: AppBackup[] = [];
  #parts = 0;
  #complete = false;

  async add(entry: Entry): Promise<void> {
    const { name, type } = entry.header;
    if (this.#complete) throw damaged(`${name} comes after its end`);
    if (!this.#manifest && name !== files.manifest) throw fail('BACKUP_UNKNOWN', {});
    if (type !== 'file') throw damaged(`${name} is not a file`);
    if (name === files.imagePart(this.#parts) && this.#images) return this.#addPart(entry);
    const content = await whole(entry, MAX_BYTES);
    if (name === files.sums) return this.#end(content);
    this.#sum(name, content);
    this.#record(name, content);
  }

  contents(): BackupContents {
    if (!this.#complete) throw damaged('it is truncated');
    return {
      manifest: this.#manifest!,
      cluster: this.#cluster!,
      tokens: this.#tokens!,
      certificate: this.#certificate ?? null,
      apps: this.#apps,
      images: this.#images!,
    };
  }

  /** Files must come in order, each exactly once. */
  #record(name: string, content: Buffer): void {
    if (!this.#manifest) this.#manifest = supported(parse.manifest(name, content));
    else if (!this.#cluster && name === files.cluster) this.#cluster = parse.cluster(name, content);
    else if (this.#cluster && !this.#tokens && name === files.tokens) this.#tokens = parse.tokens(name, content);
    else if (this.#tokens && this.#certificate === undefined && name === files.certificate)
      this.#certificate = parse.certificate(name, content);
    else if (this.#certificate !== undefined && !this.#images && name === files.images)
      this.#images = parse.images(name, content);
    else if (this.#certificate !== undefined && !this.#images && name.startsWith('apps/')) this.#app(name, content);
    else throw damaged(`${name} is unexpected`);
  }

  #app(name: string, content: Buffer): void {
    const app = parse.app(name, content);
    const isKnown = this.#apps.some((other) => other.app.id === app.app.id || other.app.name === app.app.name);
    if (name !== files.app(app.app.id) || isKnown) throw damaged(`${name} is unexpected`);
    this.#apps.push(app);
  }

  async #addPart(entry: Entry): Promise<void> {
    this.#sum(entry.header.name, await whole(entry, PART_BYTES));
    this.#parts += 1;
  }

  #sum(name: string, content: Buffer): void {
    this.#sums.push(sumLine(name, content));
  }

  #end(sums: Buffer): void {
    const differs = this.#sums.find((line, n) => sums.toString('latin1').split('\n')[n] !== line.trimEnd());
    if (differs) throw damaged(`${differs.slice(66).trimEnd()} does not match its checksum`);
    if (!this.#images || sums.toString('latin1') !== this.#sums.join(''))
      throw damaged('its checksum list does not match its files');
    if (this.#manifest!.images && this.#images.length > 0 && this.#parts === 0) throw damaged('its images are missing');
    this.#complete = true;
  }
}

function supported(manifest: Manifest): Manifest {
  if (manifest.version > FORMAT_VERSION)
    throw fail('BACKUP_TOO_NEW', { version: manifest.mothership, format: manifest.version });
  return manifest;
}

async function whole(entry: Entry, limit: number): Promise<Buffer> {
  if (entry.header.size > limit) throw damaged(`${entry.header.name} is too large`);
  return contentOf(entry);
}
