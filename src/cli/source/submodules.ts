import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '#errors';
import { runProgram } from '../files/programs.ts';
import type { Io } from '../program/io.ts';

/** A repository at a commit. `prefix`: where its files are in the deploy, '' or ending with `/`. */
export interface Checkout {
  readonly folder: string;
  readonly commit: string;
  readonly prefix: string;
}

interface Options {
  readonly ref: string;
  readonly io: Pick<Io, 'env'>;
  /** Whether a submodule's folder is excluded. */
  readonly isLeftOut: (path: string) => boolean;
}

/**
 * Returns the repository and its submodules, at all depths, each at the commit that the one above it records. Throws
 * SUBMODULE_MISSING for one that is not checked out or lacks its commit.
 */
export async function withSubmodules(top: Checkout, options: Options): Promise<Checkout[]> {
  const { ref, io, isLeftOut } = options;
  const tree = await runProgram(['git', 'ls-tree', '-r', '-z', top.commit], io, { cwd: top.folder });
  const all = [top];
  for (const line of tree.stdout.split('\0')) {
    const [, commit, path] = /^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
    if (commit === undefined || path === undefined || isLeftOut(top.prefix + path)) continue;
    const folder = join(top.folder, path);
    if (!(await hasCommit(folder, commit, io)))
      throw fail('SUBMODULE_MISSING', { path: top.prefix + path, commit, ref });
    all.push(...(await withSubmodules({ folder, commit, prefix: `${top.prefix}${path}/` }, options)));
  }
  return all;
}

/** Git would look into the repository above for a folder that has none. */
async function hasCommit(folder: string, commit: string, io: Pick<Io, 'env'>): Promise<boolean> {
  if (!existsSync(join(folder, '.git'))) return false;
  return (await runProgram(['git', 'cat-file', '-e', `${commit}^{commit}`], io, { cwd: folder })).exitCode === 0;
}
