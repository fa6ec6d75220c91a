import { createHash } from 'node:crypto';
import { MiB } from '#values/size.ts';
import { fileEntry, packGzip, type TarEntry } from '#archive';
import type { Operation, SourceOffered } from '#api';
import { isMothershipError } from '#errors';
import type { ApiClient, Input } from '../api/client.ts';
import type { SourceArchive } from './pack.ts';

type Build = Omit<Input<'buildsCreate'>, 'body'>;

/** Total size of files kept in memory between the manifest and the upload. Beyond it, missing files are read again. */
const HELD_BYTES = 64 * MiB;

/**
 * Uploads a source and starts its build: first the list of files, then the files that the controller lacks. Uploads
 * everything at once if the controller does not support this or has lost files meanwhile.
 */
export async function sendSource(api: ApiClient, archive: SourceArchive, build: Build): Promise<Operation> {
  const contents = new Contents(archive);
  const offered = await offer(api, contents, build);
  if (!offered) return api.upload('buildsCreate', build, archive.gzipped());
  const query = { ...build.query, source: offered.source };
  const missing = packGzip(contents.only(offered.missing));
  try {
    return await api.upload('buildsCreate', { ...build, query }, missing);
  } catch (error) {
    if (!isMothershipError(error, 'SOURCE_INCOMPLETE')) throw error;
    return api.upload('buildsCreate', build, archive.gzipped());
  }
}

/** Returns undefined if the controller does not support manifests. */
async function offer(api: ApiClient, contents: Contents, { params }: Build): Promise<SourceOffered | undefined> {
  try {
    const manifest = packGzip(contents.manifest());
    return await api.upload<'sourcesCreate'>('sourcesCreate', params ? { params } : {}, manifest);
  } catch (error) {
    if (!isMothershipError(error, 'ROUTE_NOT_FOUND')) throw error;
    return undefined;
  }
}

/** Files of an archive by their SHA-256. */
export class Contents {
  readonly #digests = new Map<string, string>();
  readonly #held = new Map<string, Buffer>();
  #room = HELD_BYTES;

  constructor(private readonly archive: SourceArchive) {}

  /** Yields the archive with each file's content replaced by its digest in hex. */
  async *manifest(): AsyncGenerator<TarEntry> {
    for await (const entry of this.archive.entries()) {
      if (entry.header.type !== 'file') yield entry;
      else yield fileEntry(entry.header, await this.#digest(entry));
    }
  }

  /** Yields the files in `missing`, each once and named by its digest. Call it after `manifest`. */
  async *only(missing: readonly string[]): AsyncGenerator<TarEntry> {
    const left = new Set(missing);
    for (const digest of missing) {
      const content = this.#held.get(digest);
      if (content && left.delete(digest)) yield fileEntry(contentHeader(digest), content);
    }
    if (left.size === 0) return;
    for await (const { header, content } of this.archive.entries()) {
      const digest = this.#digests.get(header.name) ?? '';
      if (left.delete(digest)) yield { header: { ...contentHeader(digest), size: header.size ?? 0 }, content };
    }
  }

  async #digest({ header, content }: TarEntry): Promise<string> {
    const hash = createHash('sha256');
    const { size = 0 } = header;
    const chunks: Buffer[] | undefined = size <= this.#room ? [] : undefined;
    for await (const chunk of content) {
      hash.update(chunk);
      chunks?.push(chunk);
    }
    const digest = hash.digest('hex');
    this.#digests.set(header.name, digest);
    if (chunks && !this.#held.has(digest)) {
      this.#held.set(digest, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      this.#room -= size;
    }
    return digest;
  }
}

function contentHeader(digest: string): TarEntry['header'] & { readonly type: 'file' } {
  return { name: digest, type: 'file', mtime: new Date(0) };
}
