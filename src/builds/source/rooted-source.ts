import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { fail, isMothershipError } from '../../errors/index.ts';
import { archiveEntries, unreadable } from './archive-reader.ts';
import { entryPath, entryType, refused, shown, type EntryType } from './archive-entry.ts';
import type { SourceFile } from './source-digest.ts';
import { SourceCount, type SourceLimits } from './source-limits.ts';
import { copyEntry, skipEntry, type Entry } from './tar-entry.ts';

/** What of a repository an app is made of. */
export interface SourceLayout {
  /** The app's folder; '' is the repository's top. */
  readonly root: string;
  takes(path: string): boolean;
}

/** Where in the app's folder lies what it takes from outside of its root. */
export const OUTSIDE = '.repository';

/**
 * Reads the gzipped tar of a repository and writes that of one app to `file`: its root becomes the top. A link from the
 * root to what the app takes beside it leads there still. Answers the files by their paths in the repository. What it
 * writes is as hostile as what it read, but of no other app. Throws SOURCE_ROOT_MISSING and the ARCHIVE_* errors.
 */
export async function receiveRooted(
  archive: Readable,
  file: string,
  layout: SourceLayout,
  limits: SourceLimits,
): Promise<SourceFile[]> {
  const rerooting = new Rerooting(layout, limits);
  const writing = pipeline(Readable.from(rerooting.out), createGzip({ level: 1 }), createWriteStream(file));
  writing.catch(() => undefined);
  try {
    for await (const entry of archiveEntries(archive)) await rerooting.take(entry);
    rerooting.finish();
    await writing;
    return rerooting.files;
  } catch (error) {
    rerooting.out.destroy();
    throw isMothershipError(error) ? error : unreadable(error);
  }
}

type TarHeader = Partial<Header> & { readonly name: string };

class Rerooting {
  readonly out = pack();
  readonly files: SourceFile[] = [];
  readonly #layout: SourceLayout;
  readonly #count: SourceCount;
  #hasRoot: boolean;

  constructor(layout: SourceLayout, limits: SourceLimits) {
    this.#layout = layout;
    this.#count = new SourceCount(limits);
    this.#hasRoot = layout.root === '';
  }

  async take(entry: Entry): Promise<void> {
    const { header } = entry;
    const path = entryPath(header.name);
    const type = entryType(header);
    this.#count.add(header.size);
    if (path === this.#layout.root || path === '' || !this.#layout.takes(path)) return skipEntry(entry);
    if (this.#isInRoot(path)) this.#hasRoot = true;
    const linkname = this.#linkname(path, type, header.linkname ?? '');
    const { mode, mtime, size } = header;
    const content = await this.#write(
      {
        name: this.#place(path),
        type,
        mode,
        mtime,
        size: type === 'file' ? size : 0,
        ...(linkname === undefined ? {} : { linkname }),
      },
      entry,
    );
    if (type !== 'directory')
      this.files.push({
        path,
        type,
        executable: type === 'file' && (mode & 0o100) !== 0,
        content: linkname ?? content,
      });
  }

  finish(): void {
    if (!this.#hasRoot) throw fail('SOURCE_ROOT_MISSING', { root: this.#layout.root });
    this.out.finalize();
  }

  #isInRoot(path: string): boolean {
    const { root } = this.#layout;
    return root === '' || path === root || path.startsWith(`${root}/`);
  }

  #place(path: string): string {
    const { root } = this.#layout;
    if (root === '') return path;
    return this.#isInRoot(path) ? path.slice(root.length + 1) : `${OUTSIDE}/${path}`;
  }

  /** Undefined for what is no link. Whether a link stays within the app's folder is seen when that is unpacked. */
  #linkname(path: string, type: EntryType, target: string): string | undefined {
    if (type === 'link') return this.#place(entryPath(target));
    if (type !== 'symlink') return undefined;
    const goal = posix.join(posix.dirname(path), target);
    if (target.startsWith('/') || goal === '..' || goal.startsWith('../'))
      throw refused(`the link "${shown(path)}" to "${shown(target)}" points outside the repository`);
    return posix.relative(posix.dirname(this.#place(path)), this.#place(goal.replace(/\/$/, ''))) || '.';
  }

  /** The SHA-256 of what was written. */
  async #write(header: TarHeader, entry: Entry): Promise<string> {
    const hash = createHash('sha256');
    if (header.type === 'file') await copyEntry(entry, this.out.entry(header), (chunk) => hash.update(chunk));
    else {
      this.out.entry(header);
      await skipEntry(entry);
    }
    return hash.digest('hex');
  }
}
