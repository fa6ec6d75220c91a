import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Header, TarEntry } from '#archive';
import type { SourceScope } from '#api/source-root.ts';
import { fail } from '#errors';
import { entryPath, entryType, linkTarget, refused, shown, type EntryType } from './archive-entry.ts';
import { hashed, type SourceFile } from './source-digest.ts';

/** The part of a repository that an app is made of. */
export type SourceLayout = Pick<SourceScope, 'root' | 'takes'>;

/** Folder inside the app for files from outside its root. */
const OUTSIDE = '.repository';

/**
 * Converts the entries of a repository to those of one app, with its root as the top. Links from the root to watched
 * files are rewritten.
 */
export class SourceRoot {
  /** The app's files, by their paths in the repository. */
  readonly files: SourceFile[] = [];
  readonly #layout: SourceLayout;

  constructor(layout: SourceLayout) {
    this.#layout = layout;
  }

  /**
   * The result is as untrusted as the input, but contains only the app. Throws SOURCE_ROOT_MISSING or ARCHIVE_INVALID.
   */
  async *place(entries: AsyncIterable<TarEntry<Header>>): AsyncGenerator<TarEntry<Header>> {
    const { root } = this.#layout;
    let hasRoot = root === '';
    for await (const { header, content } of entries) {
      const path = entryPath(header.name);
      const type = entryType(header);
      if (path === root || path === '' || !this.#layout.takes(path)) continue;
      hasRoot ||= this.#isInRoot(path);
      const linkname = this.#linkname(path, type, header.linkname ?? '');
      const hash = createHash('sha256');
      yield { header: { ...header, name: this.#moved(path), linkname }, content: hashed(content, hash) };
      if (type === 'directory') continue;
      const executable = type === 'file' && (header.mode & 0o100) !== 0;
      this.files.push({ path, type, executable, content: type === 'file' ? hash.digest('hex') : linkname });
    }
    if (!hasRoot) throw fail('SOURCE_ROOT_MISSING', { root });
  }

  #isInRoot(path: string): boolean {
    const { root } = this.#layout;
    return root === '' || path === root || path.startsWith(`${root}/`);
  }

  #moved(path: string): string {
    const { root } = this.#layout;
    if (root === '') return path;
    return this.#isInRoot(path) ? path.slice(root.length + 1) : `${OUTSIDE}/${path}`;
  }

  /** Returns '' for anything but a link. Links are validated with the app's tree. */
  #linkname(path: string, type: EntryType, written: string): string {
    if (type === 'link') return this.#moved(entryPath(written));
    if (type !== 'symlink') return '';
    const target = linkTarget(path, written);
    if (target.startsWith('/')) return target;
    const goal = posix.join(posix.dirname(path), target);
    if (goal === '..' || goal.startsWith('../'))
      throw refused(`the link "${shown(path)}" to "${shown(target)}" points outside the repository`);
    return posix.relative(posix.dirname(this.#moved(path)), this.#moved(goal.replace(/\/$/, ''))) || '.';
  }
}
