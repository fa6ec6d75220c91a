import { createHash, randomBytes } from 'node:crypto';
import { GiB, inMegabytes, MiB } from '#values/size.ts';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { contentOf, fileContent, type Header, type TarEntry } from '#archive';
import { fail } from '#errors';
import { lines, type Clock } from '#events';
import { planEviction, type BuildCache } from '../cache/cache-plan.ts';
import { entryPath, entryType, refused } from './archive-entry.ts';
import { hashed } from './source-digest.ts';
import { archiveFault, defaultSourceLimits, unpackSource, within, type SourceLimits } from './source-limits.ts';

/** The parts of a source that still have to be uploaded. */
export interface OfferedSource {
  /** Id of the source. */
  readonly source: string;
  /** SHA-256 of missing files, in hex. */
  readonly missing: string[];
}

export interface SourceStoreOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** For all apps together. */
  readonly limitBytes?: number;
  readonly limits?: SourceLimits;
}

const DIGEST_LENGTH = 64;
const DIGEST = /^[0-9a-f]{64}$/;
/** An offered manifest, with a line of JSON for each entry. */
const MANIFEST = '.entries';
const DRAFT = '.part';
const DRAFT_MS = 24 * 3_600_000;
const MANIFEST_BYTES = 128 * MiB;
/** Manifests of an app whose files have not arrived yet. */
const MAX_OFFERED = 8;

type StoredEntry = Pick<Header, 'name' | 'type' | 'mode' | 'linkname'> & {
  /** Milliseconds since the epoch. */
  readonly mtime: number;
  /** Only of files. */
  readonly digest?: string;
};

/**
 * Stores the files of each app's last source, so that the next deploy only uploads changes. A manifest is the source's
 * gzipped tar with each file's content replaced by its SHA-256; missing files arrive as a gzipped tar with digests as
 * names. The store is a cache: missing files are uploaded again.
 */
export class SourceStore {
  readonly #options: Required<SourceStoreOptions>;
  /** By app; undefined before the first look at the disk. */
  #kept: Map<string, BuildCache> | undefined;

  constructor(options: SourceStoreOptions) {
    this.#options = { limitBytes: 2 * GiB, limits: defaultSourceLimits, ...options };
  }

  get folder(): string {
    return this.#options.folder;
  }

  /** Throws ARCHIVE_INVALID or ARCHIVE_TOO_LARGE. */
  async offer(app: string, manifest: Readable): Promise<OfferedSource> {
    const folder = this.#folder(app);
    await mkdir(folder, { recursive: true });
    const draft = draftIn(folder);
    const wanted = new Set<string>();
    try {
      const { limits } = this.#options;
      const bytes = limits.entries * DIGEST_LENGTH;
      const entries = within(limits, unpackSource(manifest, { ...limits, bytes }));
      const source = await written(manifestLines(entries, wanted), draft);
      const there = new Set(await readdir(folder));
      await rename(draft, join(folder, source + MANIFEST));
      await this.#forgetOffers(folder);
      return { source, missing: [...wanted].filter((digest) => !there.has(digest)) };
    } catch (error) {
      throw archiveFault(error);
    } finally {
      await rm(draft, { force: true });
    }
  }

  /**
   * Yields the entries of an offered source from uploaded and stored files. Throws ARCHIVE_INVALID, ARCHIVE_TOO_LARGE,
   * or SOURCE_INCOMPLETE if a file is missing, possibly while the entries are read.
   */
  async whole(app: string, source: string, contents: Readable): Promise<AsyncGenerator<TarEntry<Header>>> {
    const folder = this.#folder(app);
    const manifest = join(folder, source + MANIFEST);
    if (!(await stat(manifest).catch(() => undefined))) throw fail('SOURCE_INCOMPLETE', {});
    const wanted = new Set<string>();
    for await (const { digest } of storedEntries(manifest)) if (digest !== undefined) wanted.add(digest);
    await this.#receive(folder, wanted, contents);
    const there = new Set(await readdir(folder));
    if ([...wanted].some((digest) => !there.has(digest))) throw fail('SOURCE_INCOMPLETE', {});
    await this.#keepOnly(app, wanted);
    return entriesOf(folder, manifest);
  }

  async forget(app: string): Promise<void> {
    this.#kept?.delete(app);
    await rm(this.#folder(app), { recursive: true, force: true });
  }

  #folder(app: string): string {
    return join(this.#options.folder, app);
  }

  /** Stores all files or none: an interrupted upload leaves nothing behind. */
  async #receive(folder: string, wanted: ReadonlySet<string>, contents: Readable): Promise<void> {
    const draft = draftIn(folder);
    const received: string[] = [];
    try {
      for await (const { header, content } of within(
        this.#options.limits,
        unpackSource(contents, this.#options.limits),
      )) {
        if (!wanted.has(header.name)) throw refused('it contains files that its manifest does not list');
        if ((await written(content, draft)) !== header.name)
          throw refused('a file does not match its digest: it changed during the upload');
        await rename(draft, join(folder, header.name));
        received.push(header.name);
      }
    } catch (error) {
      for (const name of received) await rm(join(folder, name), { force: true });
      throw archiveFault(error);
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** Keeps only this source of the app, and as much of other apps as fits. */
  async #keepOnly(app: string, wanted: ReadonlySet<string>): Promise<void> {
    const folder = this.#folder(app);
    for (const name of await readdir(folder))
      if (!wanted.has(name) && !name.endsWith(MANIFEST) && !name.endsWith(DRAFT))
        await rm(join(folder, name), { force: true });
    const kept = (this.#kept ??= await this.#look());
    kept.set(app, { app, bytes: await bytesIn(folder), usedAt: this.#options.clock.now() });
    for (const gone of planEviction([...kept.values()], this.#options.limitBytes, (other) => other === app))
      await this.forget(gone.app);
  }

  async #look(): Promise<Map<string, BuildCache>> {
    const apps = await readdir(this.#options.folder);
    const caches = apps.map(async (app): Promise<[string, BuildCache]> => {
      const folder = this.#folder(app);
      return [app, { app, bytes: await bytesIn(folder), usedAt: (await stat(folder)).mtimeMs }];
    });
    return new Map(await Promise.all(caches));
  }

  async #forgetOffers(folder: string): Promise<void> {
    const names = (await readdir(folder)).filter((name) => name.endsWith(MANIFEST) || name.endsWith(DRAFT));
    const aged = await Promise.all(names.map(async (name) => ({ name, at: await changedAt(join(folder, name)) })));
    const offers = aged.filter(({ name }) => name.endsWith(MANIFEST)).sort((a, b) => b.at - a.at);
    // A thread that was ended leaves its draft.
    const left = aged.filter(({ name, at }) => name.endsWith(DRAFT) && this.#options.clock.now() - at > DRAFT_MS);
    for (const { name } of [...offers.slice(MAX_OFFERED), ...left]) await rm(join(folder, name), { force: true });
  }
}

function draftIn(folder: string): string {
  return join(folder, randomBytes(8).toString('hex') + DRAFT);
}

/** Yields a manifest's lines and adds its digests to `wanted`. */
async function* manifestLines(entries: AsyncIterable<TarEntry<Header>>, wanted: Set<string>): AsyncGenerator<Buffer> {
  let left = MANIFEST_BYTES;
  for await (const entry of entries) {
    const { mode, mtime, linkname } = entry.header;
    const type = entryType(entry.header);
    const digest = type === 'file' ? await digestIn(entry) : undefined;
    if (digest !== undefined) wanted.add(digest);
    const stored = { name: entryPath(entry.header.name), type, mode, mtime: mtime?.getTime() ?? 0, linkname, digest };
    const line = Buffer.from(`${JSON.stringify(stored)}\n`);
    left -= line.length;
    if (left < 0)
      throw fail('ARCHIVE_TOO_LARGE', { what: `its manifest is larger than ${inMegabytes(MANIFEST_BYTES)}` });
    yield line;
  }
}

async function digestIn(entry: TarEntry<Header>): Promise<string> {
  if (entry.header.size !== DIGEST_LENGTH) throw refused('its manifest has a file without a digest');
  const text = (await contentOf(entry)).toString('latin1');
  if (!DIGEST.test(text)) throw refused('its manifest has a file without a digest');
  return text;
}

async function* storedEntries(manifest: string): AsyncGenerator<StoredEntry> {
  for await (const line of lines(createReadStream(manifest))) yield JSON.parse(line) as StoredEntry;
}

async function* entriesOf(folder: string, manifest: string): AsyncGenerator<TarEntry<Header>> {
  for await (const { digest, mtime, ...header } of storedEntries(manifest)) {
    const stored = { ...header, mtime: new Date(mtime), size: 0 } as Header;
    if (digest === undefined) yield { header: stored, content: none() };
    else yield await storedFile(stored, join(folder, digest));
  }
}

/** Another deploy of the app may have removed it meanwhile. */
async function storedFile(header: Header, file: string): Promise<TarEntry<Header>> {
  const { size } = await stat(file).catch((error: unknown) => {
    throw fail('SOURCE_INCOMPLETE', {}, error);
  });
  return { header: { ...header, size }, content: fileContent(file, size) };
}

async function* none(): AsyncGenerator<Buffer> {}

/** Writes a file and returns the SHA-256 of its content. */
async function written(content: AsyncIterable<Buffer>, path: string): Promise<string> {
  const hash = createHash('sha256');
  await writeFile(path, hashed(content, hash));
  return hash.digest('hex');
}

async function changedAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function bytesIn(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map((name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
