import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { fail, isMothershipError } from '../../errors/index.ts';
import type { Clock } from '../../events/index.ts';
import { refused } from './archive-entry.ts';
import { archiveEntries, unreadable } from './archive-reader.ts';
import { planEviction, type BuildCache } from '../cache/cache-plan.ts';
import { defaultSourceLimits, type SourceLimits } from './source-limits.ts';
import { copyEntry, readEntry, skipEntry, type Entry } from './tar-entry.ts';

/** What of a source is not here yet. */
export interface OfferedSource {
  /** Names the source in what follows. */
  readonly source: string;
  /** SHA-256 of contents, in hex. */
  readonly missing: string[];
}

export interface SourceStoreOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Of all apps together. */
  readonly limitBytes?: number;
  readonly limits?: SourceLimits;
}

const DIGEST = /^[0-9a-f]{64}$/;
const MANIFEST = '.manifest';
/** A manifest of as many files as a source may have takes a third of it. */
const MANIFEST_BYTES = 64 * 1024 ** 2;
/** Manifests of an app whose contents have not come (yet). */
const MAX_OFFERED = 8;
const GiB = 1024 ** 3;

/**
 * Contents of the files that an app's last source had, so that the next deploy sends only what has changed. A manifest is the
 * source's gzipped tar with the SHA-256 of each file in place of its content; the contents that are missing come as a
 * gzipped tar whose entries have digests for names. It is a cache: what is not here is sent again.
 */
export class SourceStore {
  readonly #options: Required<SourceStoreOptions>;
  /** By app, as far as they were looked at. */
  #kept: Map<string, BuildCache> | undefined;

  constructor(options: SourceStoreOptions) {
    this.#options = { limitBytes: 2 * GiB, limits: defaultSourceLimits, ...options };
  }

  /** Throws ARCHIVE_INVALID, ARCHIVE_TOO_LARGE. */
  async offer(app: string, manifest: Readable): Promise<OfferedSource> {
    const folder = this.#folder(app);
    await mkdir(folder, { recursive: true });
    const draft = join(folder, `${randomBytes(8).toString('hex')}.part`);
    try {
      const source = await written(manifest, draft, MANIFEST_BYTES);
      const wanted = await this.#digests(draft);
      const there = new Set(await readdir(folder));
      await rename(draft, join(folder, source + MANIFEST));
      await this.#forgetOffers(folder);
      return { source, missing: [...wanted].filter((digest) => !there.has(digest)) };
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** The gzipped tar of a source that was offered, with these contents and those that are here. Throws SOURCE_INCOMPLETE when that is not all, and ARCHIVE_INVALID. */
  async whole(app: string, source: string, contents: Readable): Promise<Readable> {
    const folder = this.#folder(app);
    const manifest = join(folder, source + MANIFEST);
    if (!(await stat(manifest).catch(() => undefined))) throw fail('SOURCE_INCOMPLETE', {});
    const wanted = await this.#digests(manifest);
    await this.#receive(folder, wanted, contents);
    const there = new Set(await readdir(folder));
    if ([...wanted].some((digest) => !there.has(digest))) throw fail('SOURCE_INCOMPLETE', {});
    await this.#keepOnly(app, wanted);
    const out = pack();
    this.#fill(out, folder, manifest).catch((error: unknown) => {
      out.destroy(error as Error);
    });
    // It goes no further than the next reader.
    const gzip = createGzip({ level: 0 });
    pipeline(Readable.from(out), gzip).catch(() => undefined);
    return gzip;
  }

  async forget(app: string): Promise<void> {
    this.#kept?.delete(app);
    await rm(this.#folder(app), { recursive: true, force: true });
  }

  #folder(app: string): string {
    return join(this.#options.folder, app);
  }

  async #digests(manifest: string): Promise<ReadonlySet<string>> {
    const { limits } = this.#options;
    const digests = new Set<string>();
    let entries = 0;
    try {
      for await (const entry of archiveEntries(createReadStream(manifest))) {
        entries += 1;
        if (entries > limits.entries)
          throw fail('ARCHIVE_TOO_LARGE', {
            what: `more than ${limits.entries} files`,
            limit: `${limits.entries} files`,
          });
        if (entry.header.type === 'file') digests.add(await digestIn(entry));
        else await skipEntry(entry);
      }
      return digests;
    } catch (error) {
      throw reasonOf(error);
    }
  }

  /** All of them or none: what came of an upload that broke off would be nobody's. */
  async #receive(folder: string, wanted: ReadonlySet<string>, contents: Readable): Promise<void> {
    const draft = join(folder, `${randomBytes(8).toString('hex')}.part`);
    const received: string[] = [];
    try {
      let left = this.#options.limits.bytes;
      for await (const entry of archiveEntries(contents)) {
        const { name, size } = entry.header;
        left -= size;
        if (left < 0) throw this.#tooLarge();
        if (!wanted.has(name)) throw refused('it contains files that its manifest does not list');
        if ((await written(entry, draft)) !== name)
          throw refused('a file does not match its digest: it changed during the upload');
        await rename(draft, join(folder, name));
        received.push(name);
      }
    } catch (error) {
      for (const name of received) await rm(join(folder, name), { force: true });
      throw reasonOf(error);
    } finally {
      await rm(draft, { force: true });
    }
  }

  async #fill(out: Pack, folder: string, manifest: string): Promise<void> {
    let left = this.#options.limits.bytes;
    for await (const entry of archiveEntries(createReadStream(manifest))) {
      const header = { ...entry.header, pax: null };
      if (header.type !== 'file') {
        await copyEntry(entry, out.entry(header));
        continue;
      }
      const file = join(folder, await digestIn(entry));
      const { size } = await stat(file).catch((error: unknown) => {
        throw fail('SOURCE_INCOMPLETE', {}, error);
      });
      left -= size;
      if (left < 0) throw this.#tooLarge();
      await copyEntry(createReadStream(file), out.entry({ ...header, size }));
    }
    out.finalize();
  }

  /** Of the app this source, of others what there is room for. */
  async #keepOnly(app: string, wanted: ReadonlySet<string>): Promise<void> {
    const folder = this.#folder(app);
    for (const name of await readdir(folder))
      if (DIGEST.test(name) && !wanted.has(name)) await rm(join(folder, name), { force: true });
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
    const names = (await readdir(folder)).filter((name) => name.endsWith(MANIFEST));
    const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
    for (const { name } of aged.sort((a, b) => b.at - a.at).slice(MAX_OFFERED))
      await rm(join(folder, name), { force: true });
  }

  #tooLarge(): Error {
    const limit = `${Math.round(this.#options.limits.bytes / 1024 ** 2)} MB`;
    return fail('ARCHIVE_TOO_LARGE', { what: `it unpacks to more than ${limit}`, limit });
  }
}

/** A disk that is full is not the archive's fault. */
function reasonOf(error: unknown): unknown {
  return isMothershipError(error) || (error as NodeJS.ErrnoException).syscall ? error : unreadable(error);
}

/** Writes a file; answers the SHA-256 of what it has. */
async function written(content: Readable | Entry, path: string, limit = Infinity): Promise<string> {
  const hash = createHash('sha256');
  let left = limit;
  await pipeline(
    content as unknown as AsyncIterable<Buffer>,
    async function* (chunks) {
      for await (const chunk of chunks) {
        left -= chunk.length;
        if (left < 0)
          throw fail('ARCHIVE_TOO_LARGE', {
            what: 'its manifest has too many entries',
            limit: `${MANIFEST_BYTES / 1024 ** 2} MB`,
          });
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path),
  );
  return hash.digest('hex');
}

async function digestIn(entry: Entry): Promise<string> {
  const text = (await readEntry(entry, 65)).toString('latin1');
  if (!DIGEST.test(text)) throw refused('its manifest has a file without a digest');
  return text;
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
