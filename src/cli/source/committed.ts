import { dirname } from 'node:path';
import type { Io } from '../program/io.ts';
import { runProgram } from '../files/programs.ts';
import type { SourceEntry } from './entries.ts';

/**
 * The files of a folder that match the checked-out commit. They get the commit's time and git's modes, like `git
 * archive`, so that every checkout of a commit is the same source.
 */
export class Committed {
  readonly #paths: ReadonlySet<string>;

  private constructor(
    private readonly time: Date,
    files: readonly string[],
  ) {
    this.#paths = new Set(files.flatMap(withFolders));
  }

  /** Returns undefined outside a repository, before the first commit, or without git. */
  static async in(folder: string, io: Pick<Io, 'env'>): Promise<Committed | undefined> {
    const git = (...args: string[]) => runProgram(['git', ...args], io, { cwd: folder });
    const answers = await Promise.all([
      git('log', '-1', '--no-show-signature', '--format=%ct'),
      git('ls-files', '-z'),
      git('diff', '--no-ext-diff', '--name-only', '--relative', '-z', 'HEAD'),
    ]);
    if (answers.some(({ exitCode }) => exitCode !== 0)) return undefined;
    const [seconds, tracked, changed] = answers.map(({ stdout }) => stdout) as [string, string, string];
    const differing = new Set(changed.split('\0'));
    return new Committed(
      new Date(Number(seconds) * 1000),
      tracked.split('\0').filter((path) => path && !differing.has(path)),
    );
  }

  /** Returns the entry with the commit's time and git's mode if it is unmodified. */
  settle(entry: SourceEntry): SourceEntry {
    if (!this.#paths.has(entry.path)) return entry;
    const plain = entry.type === 'file' && !(entry.mode & 0o100);
    return { ...entry, modified: this.time, mode: plain ? 0o644 : 0o755 };
  }
}

function withFolders(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [path] : [path, ...withFolders(parent)];
}
