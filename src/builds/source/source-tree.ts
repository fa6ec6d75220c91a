import type { Header, TarEntry } from '#archive';
import { fail } from '#errors';
import { LAYER_TIME } from '../image/reproducible-tar.ts';
import {
  entryPath,
  entryType,
  linkTarget,
  ownHeader,
  parents,
  refused,
  shown,
  type EntryType,
} from './archive-entry.ts';
import { SourceLinks } from './source-links.ts';
import { PathCount, type SourceLimits } from './source-limits.ts';

/** Such texts are parsed by the controller itself. */
const TEXT_LIMIT = 256 * 1024;

type Content = AsyncIterable<Buffer>;

/** Validates the files, folders and links of an untrusted archive: rejects everything that could escape its folder. */
export class SourceTree {
  readonly #wanted: ReadonlySet<string>;
  readonly #count: PathCount;
  readonly #types = new Map<string, EntryType>();
  readonly #links = new SourceLinks();
  readonly #texts = new Map<string, string>();
  #modified = LAYER_TIME;
  #hasFiles = false;

  /** `wanted`: paths of the files whose text is kept; they must be small. */
  constructor(wanted: readonly string[], limits: SourceLimits) {
    this.#wanted = new Set(wanted);
    this.#count = new PathCount(limits);
  }

  /** Yields entries that are safe to unpack, with missing folders added and without `.git`. Throws ARCHIVE_* errors. */
  async *check(entries: AsyncIterable<TarEntry<Header>>): AsyncGenerator<TarEntry> {
    for await (const { header, content } of entries) {
      const path = entryPath(header.name);
      const type = entryType(header);
      if (path === '' && type !== 'directory') throw refused('the folder itself is not a folder');
      if (path === '' || path === '.git' || path.startsWith('.git/')) continue;
      yield* this.#missingFolders(path);
      this.#add(path, type);
      yield this.#entry(path, type, { header, content });
    }
    this.#checkWhole();
  }

  /** Call it after `check` has finished. */
  found(): { root: string[]; modified: Date; texts: ReadonlyMap<string, string> } {
    const root = [...this.#types.keys()].filter((path) => !path.includes('/'));
    return { root, modified: this.#modified, texts: this.#texts };
  }

  *#missingFolders(path: string): Generator<TarEntry> {
    for (const folder of parents(path)) {
      const known = this.#types.get(folder);
      if (known !== undefined && known !== 'directory')
        throw refused(`"${shown(path)}" is inside "${shown(folder)}", which is not a folder`);
      if (known !== undefined) continue;
      this.#set(folder, 'directory');
      yield { header: ownHeader(folder, 'directory', { mode: 0o755 }), content: nothing() };
    }
  }

  #add(path: string, type: EntryType): void {
    const before = this.#types.get(path);
    if (before !== undefined && !(before === 'directory' && type === 'directory'))
      throw refused(`"${shown(path)}" appears twice`);
    this.#set(path, type);
  }

  #set(path: string, type: EntryType): void {
    this.#count.add(path.length);
    this.#types.set(path, type);
  }

  #entry(path: string, type: EntryType, { header, content }: TarEntry<Header>): TarEntry {
    const own = ownHeader(path, type, header);
    if (type === 'symlink') this.#links.add(path, linkTarget(path, header.linkname));
    if (type === 'link') return { header: { ...own, linkname: this.#fileBefore(path, header.linkname) }, content };
    if (type !== 'file') return { header: own, content };
    this.#hasFiles = true;
    if (own.mtime && own.mtime > this.#modified) this.#modified = own.mtime;
    if (!this.#wanted.has(path)) return { header: own, content };
    if (header.size > TEXT_LIMIT) throw fail('SOURCE_FILE_TOO_LARGE', { file: path, limit: `${TEXT_LIMIT / 1024} KB` });
    return { header: own, content: this.#kept(path, content) };
  }

  #fileBefore(path: string, target: string | undefined): string {
    const to = entryPath(target ?? '');
    if (this.#types.get(to) !== 'file')
      throw refused(`the link "${shown(path)}" points to a file that does not precede it in the archive`);
    return to;
  }

  async *#kept(path: string, content: Content): Content {
    const chunks: Buffer[] = [];
    for await (const chunk of content) {
      chunks.push(chunk);
      yield chunk;
    }
    this.#texts.set(path, Buffer.concat(chunks).toString('utf8'));
  }

  #checkWhole(): void {
    if (!this.#hasFiles) throw fail('ARCHIVE_INVALID', { why: 'it contains no files' });
    this.#links.check();
  }
}

async function* nothing(): Content {}
