import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack, type Pack } from 'tar-stream';
import { fail, isMothershipError } from '../../errors/index.ts';
import { archiveEntries, unreadable } from './archive-reader.ts';
import {
  entryPath,
  entryType,
  leavesTree,
  ownHeader,
  parents,
  refused,
  shown,
  type EntryType,
  type OwnHeader,
} from './archive-entry.ts';
import type { LeaveOut } from './ignore-file.ts';
import { LAYER_TIME } from '../image/reproducible-tar.ts';
import { SourceCount, type SourceLimits } from './source-limits.ts';
import { copyEntry, skipEntry, type Entry } from './tar-entry.ts';
import { addFile, type SmallFile } from './tar-files.ts';

const TEXT_LIMIT = 256 * 1024;

/** The app's source after it was found harmless. */
export interface Source {
  /** An uncompressed tar with paths relative to the app's folder; every folder comes before what is in it. */
  readonly file: string;
  readonly entries: number;
  readonly bytes: number;
  /** Names at the root. */
  readonly root: readonly string[];
  /** When a file of it changed last; never before 1980. */
  readonly modified: Date;
  /** Content of those of the wanted files that exist. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Reads a gzipped tar from somebody we do not know and writes it to `file`, refusing whatever could reach out of the
 * folder that it is unpacked in: ARCHIVE_INVALID, ARCHIVE_TOO_LARGE. `.git` is left out.
 */
export async function receiveSource(
  archive: Readable,
  file: string,
  wanted: readonly string[],
  limits: SourceLimits,
  signal: AbortSignal,
): Promise<Source> {
  const receiver = new Receiver(new Set(wanted), limits);
  const writing = pipeline(Readable.from(receiver.out), createWriteStream(file), { signal });
  writing.catch(() => undefined);
  try {
    for await (const entry of archiveEntries(archive, signal)) await receiver.take(entry);
    receiver.finish();
    await writing;
  } catch (error) {
    receiver.out.destroy();
    signal.throwIfAborted();
    throw isMothershipError(error) ? error : unreadable(error);
  }
  return { file, ...receiver.result() };
}

class Receiver {
  readonly out: Pack = pack();
  readonly #wanted: ReadonlySet<string>;
  readonly #count: SourceCount;
  readonly #types = new Map<string, EntryType>();
  readonly #links = new Map<string, string>();
  readonly #texts = new Map<string, string>();
  #modified = LAYER_TIME;

  constructor(wanted: ReadonlySet<string>, limits: SourceLimits) {
    this.#wanted = wanted;
    this.#count = new SourceCount(limits);
  }

  async take(entry: Entry): Promise<void> {
    const { header } = entry;
    const path = entryPath(header.name);
    const type = entryType(header);
    this.#count.add(header.size);
    if (path === '' && type !== 'directory') throw refused('the folder itself is not a folder');
    if (path === '' || path === '.git' || path.startsWith('.git/')) return skipEntry(entry);
    this.#place(path, type);
    if (type === 'symlink') this.#links.set(path, this.#symlinkTarget(path, header.linkname));
    const own = ownHeader(path, type, header);
    if (type === 'file' && own.mtime && own.mtime > this.#modified) this.#modified = own.mtime;
    if (type === 'link') return this.#write({ ...own, linkname: this.#linkTarget(path, header.linkname) }, entry);
    await this.#write(own, entry);
  }

  finish(): void {
    if (![...this.#types.values()].includes('file')) throw fail('ARCHIVE_INVALID', { why: 'it contains no files' });
    for (const [path, target] of this.#links) {
      if (leavesTree([...parents(path).slice(-1), target].join('/'), this.#links)) throw leaves(path, target);
    }
    this.out.finalize();
  }

  result(): Omit<Source, 'file'> {
    const root = [...this.#types.keys()].filter((path) => !path.includes('/'));
    return {
      entries: this.#count.entries,
      bytes: this.#count.bytes,
      root,
      modified: this.#modified,
      texts: this.#texts,
    };
  }

  /** A path may come once, below folders only; folders that the archive leaves out are added. */
  #place(path: string, type: EntryType): void {
    for (const folder of parents(path)) {
      const known = this.#types.get(folder);
      if (known !== undefined && known !== 'directory')
        throw refused(`"${shown(path)}" is inside "${shown(folder)}", which is not a folder`);
      if (known === undefined) this.out.entry(ownHeader(folder, 'directory', { mode: 0o755 }));
      this.#types.set(folder, 'directory');
    }
    const before = this.#types.get(path);
    if (before !== undefined && !(before === 'directory' && type === 'directory'))
      throw refused(`"${shown(path)}" appears twice`);
    this.#types.set(path, type);
  }

  #symlinkTarget(path: string, target: string): string {
    if (target.startsWith('/')) throw leaves(path, target);
    return target;
  }

  #linkTarget(path: string, target: string): string {
    const to = entryPath(target);
    if (this.#types.get(to) !== 'file')
      throw refused(`the link "${shown(path)}" points to a file that does not precede it in the archive`);
    return to;
  }

  async #write(header: OwnHeader, entry: Entry): Promise<void> {
    if (header.type !== 'file') {
      this.out.entry(header);
      return skipEntry(entry);
    }
    const keep = this.#wanted.has(header.name) && header.size <= TEXT_LIMIT ? ([] as Buffer[]) : undefined;
    await copyEntry(entry, this.out.entry(header), (chunk) => keep?.push(chunk));
    if (keep) this.#texts.set(header.name, Buffer.concat(keep).toString('utf8'));
  }
}

export interface SourceTarOptions {
  readonly leaveOut?: LeaveOut;
  /** Put before each path, e.g. `app/`. */
  readonly prefix?: string;
  /** Goes before the source. */
  readonly files?: readonly SmallFile[];
}

/** The source as a tar again. */
export function sourceTar(source: Source, options: SourceTarOptions = {}): Readable {
  const file = createReadStream(source.file);
  if (Object.keys(options).length === 0) return file;
  const out = pack();
  copySource(file, out, options).catch((error: unknown) => {
    out.destroy(error as Error);
  });
  return Readable.from(out);
}

async function copySource(
  file: Readable,
  out: Pack,
  { leaveOut, prefix = '', files = [] }: SourceTarOptions,
): Promise<void> {
  for (const small of files) addFile(out, small);
  const reading = extract();
  file.pipe(reading);
  for await (const entry of reading) {
    const { name, type, linkname } = entry.header;
    if (leaveOut?.(name.replace(/\/$/, ''), type === 'directory')) {
      await skipEntry(entry);
      continue;
    }
    const header = {
      ...entry.header,
      name: prefix + name,
      ...(type === 'link' ? { linkname: prefix + linkname } : {}),
    };
    await copyEntry(entry, out.entry({ ...header, pax: null }));
  }
  out.finalize();
}

function leaves(path: string, target: string): Error {
  return refused(`the link "${shown(path)}" to "${shown(target)}" points outside the app's folder`);
}
