import { createHash } from 'node:crypto';
import { fail } from '../errors/index.ts';
import {
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
import { damaged, readTar, type TarEntry } from './tar.ts';

/** One app's records with 20 releases and the largest allowed config vars. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Reads a backup completely and verifies every byte. Throws BACKUP_DAMAGED, BACKUP_UNKNOWN or BACKUP_TOO_NEW. */
export async function readBackup(source: AsyncIterable<Uint8Array>): Promise<BackupContents> {
  const reader = new Reader();
  for await (const entry of readTar(source)) await reader.take(entry);
  return reader.contents();
}

/** Yields the input for `docker load` from the parts of a verified backup. */
export async function* readImages(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const entry of readTar(source)) {
    const isPart = entry.name.startsWith('images/');
    for await (const chunk of entry.content) if (isPart) yield chunk;
  }
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

  async take(entry: TarEntry): Promise<void> {
    if (this.#complete) throw damaged(`${entry.name} comes after its end`);
    if (!this.#manifest && entry.name !== files.manifest) throw fail('BACKUP_UNKNOWN', {});
    if (entry.name === files.imagePart(this.#parts) && this.#images) return this.#part(entry);
    const content = await whole(entry, MOST_BYTES);
    if (entry.name === files.sums) return this.#end(content);
    this.#sum(entry.name, content);
    this.#record(entry.name, content);
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

  async #part(entry: TarEntry): Promise<void> {
    this.#sum(entry.name, await whole(entry, PART_BYTES));
    this.#parts += 1;
  }

  #sum(name: string, content: Buffer): void {
    this.#sums.push(sumLine(createHash('sha256').update(content).digest('hex'), name));
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

async function whole({ name, size, content }: TarEntry, limit: number): Promise<Buffer> {
  if (size > limit) throw damaged(`${name} is too large`);
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length < size) throw damaged('it is truncated');
  return bytes;
}
