import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileContent, packGzip, packTar, type TarEntry } from '#archive';
import type { SourceScope } from '#api/source-root.ts';
import { fail } from '#errors';
import { whyUnreadable } from '#values/why-unreadable.ts';
import type { Committed } from './committed.ts';
import { checkReadable, listSource, type SourceEntry } from './entries.ts';

/** Source whose files are read again each time it is packed. */
export class SourceArchive {
  readonly entries: () => AsyncIterable<TarEntry>;

  constructor(entries: () => AsyncIterable<TarEntry>) {
    this.entries = entries;
  }

  /** Never throws: a failure is an error of the stream. */
  tar(): Readable {
    return packTar(this.entries());
  }

  gzipped(): Readable {
    return packGzip(this.entries());
  }
}

/**
 * Returns the folder's archive. `scope`: the app's part of it. The same tree or commit gives identical bytes. Throws
 * SOURCE_UNREADABLE, SOURCE_NAME_INVALID or FOLDER_EMPTY.
 */
export async function packFolder(
  root: string,
  { scope, committed }: { readonly scope?: SourceScope | undefined; readonly committed?: Committed | undefined } = {},
): Promise<SourceArchive> {
  const listed = await listSource(root, scope);
  const entries = committed ? listed.map((entry) => committed.settle(entry)) : listed;
  if (!entries.some(({ type }) => type !== 'directory')) throw fail('FOLDER_EMPTY', { folder: root });
  await checkReadable(root, entries);
  return new SourceArchive(async function* () {
    for (const entry of entries) yield { header: header(entry), content: contentOf(root, entry) };
  });
}

/** Without the owner, which differs between machines. */
function header({ path, type, mode, size, modified, target }: SourceEntry): TarEntry['header'] {
  const mtime = new Date(Math.floor(modified.getTime() / 1000) * 1000);
  return { name: path, type, mode, size, mtime, uid: 0, gid: 0, uname: '', gname: '', linkname: target ?? '' };
}

/** Yields as many bytes as the file had when it was listed. Throws SOURCE_UNREADABLE. */
async function* contentOf(root: string, { path, size }: SourceEntry): AsyncGenerator<Buffer> {
  let left = size;
  try {
    for await (const chunk of fileContent(join(root, path), size)) {
      left -= chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw fail('SOURCE_UNREADABLE', { file: path, why: whyUnreadable(error) }, error);
  }
  if (left > 0) throw fail('SOURCE_UNREADABLE', { file: path, why: 'it changed while being read' });
}
