import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Header, type Pack } from 'tar-stream';
import type { SourceScope } from '../../api/source-root.ts';
import { fail } from '../../errors/index.ts';
import type { Committed } from './committed.ts';
import { checkReadable, listSource, type SourceEntry } from './entries.ts';

/** Bytes that travel count for more than the processor's time up to about here. */
const GZIP_LEVEL = 5;

type EntryHeader = Partial<Header> & { name: string };

/** Source that can be packed as often as it is wanted; a tar is made while it is read. */
export class SourceArchive {
  readonly #write: (tar: Pack) => Promise<void>;

  /** `write` puts all entries in a tar. */
  constructor(write: (tar: Pack) => Promise<void>) {
    this.#write = write;
  }

  /** Never throws: what fails is an error of the tar. */
  tar(): Pack {
    const tar = pack();
    this.#write(tar).then(
      () => tar.finalize(),
      (error: unknown) => tar.destroy(error as Error),
    );
    return tar;
  }

  gzipped(): Readable {
    return gzipped(this.tar());
  }
}

/** The folder's archive. `scope`: what of it is the app's. Two tars of the same tree, or of the same commit, are the same bytes. Throws FILE_UNREADABLE, FOLDER_EMPTY. */
export async function packFolder(
  root: string,
  { scope, committed }: { readonly scope?: SourceScope | undefined; readonly committed?: Committed | undefined } = {},
): Promise<SourceArchive> {
  const listed = await listSource(root, scope);
  const entries = committed ? listed.map((entry) => committed.settle(entry)) : listed;
  if (!entries.some(({ type }) => type !== 'directory')) throw fail('FOLDER_EMPTY', { folder: root });
  await checkReadable(root, entries);
  return new SourceArchive((tar) => writeEntries(tar, root, entries));
}

/** Gzips what a tar gives. A failure is kept for whoever reads the result, which may be later or nobody. */
function gzipped(tar: Pack): Readable {
  const gzip = createGzip({ level: GZIP_LEVEL });
  const source = Readable.from(tar);
  for (const stream of [tar, source, gzip]) stream.on('error', () => undefined);
  pipeline(source, gzip).catch(() => undefined);
  return gzip;
}

async function writeEntries(tar: Pack, root: string, entries: readonly SourceEntry[]): Promise<void> {
  for (const entry of entries) {
    if (entry.type === 'file') await writeFile(tar, root, entry);
    else
      await writeEntry(tar, {
        ...header(entry),
        size: 0,
        ...(entry.target === undefined ? {} : { linkname: entry.target }),
      });
  }
}

/** Owners are nobody's business: they differ from machine to machine. */
function header({ path, type, mode, modified }: SourceEntry): EntryHeader {
  return {
    name: path,
    type,
    mode,
    mtime: new Date(Math.floor(modified.getTime() / 1000) * 1000),
    uid: 0,
    gid: 0,
    uname: '',
    gname: '',
  };
}

/** Resolves when the entry is written whole; `fill` gives its content. */
export function writeEntry(tar: Pack, headers: EntryHeader, fill?: (sink: Writable) => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const sink = tar.entry(headers, (error) => (error ? reject(error) : resolve())) as unknown as Writable;
    fill?.(sink).then(() => sink.end(), reject);
  });
}

async function writeFile(tar: Pack, root: string, entry: SourceEntry): Promise<void> {
  const { path } = entry;
  const file = await open(join(root, path)).catch((error: unknown) => {
    throw fail('FILE_UNREADABLE', { file: path, why: (error as Error).message }, error);
  });
  try {
    // The size is taken from what was opened: the file may have changed since it was listed.
    const { size } = await file.stat();
    await writeEntry(tar, { ...header(entry), size }, (sink) => copy(file, size, sink));
  } catch (error) {
    throw fail('FILE_UNREADABLE', { file: path, why: 'it changed while being read' }, error);
  } finally {
    await file.close();
  }
}

async function copy(file: FileHandle, size: number, sink: Writable): Promise<void> {
  if (size === 0) return;
  for await (const chunk of file.createReadStream({ end: size - 1, autoClose: false })) {
    if (!sink.write(chunk)) await once(sink, 'drain');
  }
}
