import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { access, lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '#errors';
import { whyUnreadable } from '#values/why-unreadable.ts';
import { PROJECT_FILE } from '../session/project.ts';
import { everything, type SourceScope } from '#api/source-root.ts';
import { IgnoreRules } from './ignore-rules.ts';

/** One file, folder or link to upload. `path` is relative to the root, with slashes. */
export interface SourceEntry {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly size: number;
  readonly modified: Date;
  /** Target of a symlink, as written. */
  readonly target?: string;
}

/**
 * Lists what a deploy of `root` uploads, in an order that depends only on the names. Excludes `.git`,
 * `.mothership.json`, sockets, devices and pipes. `scope`: the app's part of it. Throws SOURCE_UNREADABLE or
 * SOURCE_NAME_INVALID.
 */
export async function listSource(root: string, scope: SourceScope = everything): Promise<SourceEntry[]> {
  return listFolder({ root, scope }, '', await IgnoreRules.atRoot(root, scope.root));
}

async function listFolder(
  source: { readonly root: string; readonly scope: SourceScope },
  folder: string,
  outer: IgnoreRules,
): Promise<SourceEntry[]> {
  const { root, scope } = source;
  const rules = await outer.enter(root, folder);
  const found = await readable(folder || root, () => readdir(join(root, folder), { withFileTypes: true }));
  const entries: SourceEntry[] = [];
  for (const each of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder ? `${folder}/${each.name}` : each.name;
    if (each.name === '.git' || isProjectFile(path, scope) || rules.ignores(path, each.isDirectory())) continue;
    const entry = await describe(root, path);
    if (!entry) continue;
    if (scope.takes(path)) entries.push(entry);
    if (entry.type === 'directory' && scope.leadsTo(path)) entries.push(...(await listFolder(source, path, rules)));
  }
  return entries;
}

/** Whether a path is the `.mothership.json` of the repository or of the app's folder. */
export function isProjectFile(path: string, { root }: SourceScope): boolean {
  return path === PROJECT_FILE || path === `${root}/${PROJECT_FILE}`;
}

async function describe(root: string, path: string): Promise<SourceEntry | undefined> {
  const file = join(root, path);
  const stats = await readable(path, () => lstat(file));
  const known = { path, mode: stats.mode & 0o777, modified: stats.mtime };
  if (stats.isSymbolicLink()) return { ...known, type: 'symlink', size: 0, target: await targetOf(path, file) };
  if (stats.isDirectory()) return { ...known, type: 'directory', size: 0 };
  return stats.isFile() ? { ...known, type: 'file', size: stats.size } : undefined;
}

/** Throws SOURCE_NAME_INVALID. */
async function targetOf(path: string, file: string): Promise<string> {
  const target = await readable(path, () => readlink(file, 'buffer'));
  if (!isUtf8(target)) throw fail('SOURCE_NAME_INVALID', { file: path, what: 'the target of the link' });
  return target.toString();
}

/** Throws SOURCE_UNREADABLE before anything is uploaded if a file cannot be read. */
export async function checkReadable(root: string, entries: readonly SourceEntry[]): Promise<void> {
  for (const { path, type } of entries)
    if (type === 'file') await readable(path, () => access(join(root, path), constants.R_OK));
}

async function readable<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // Names are decoded as UTF-8; an invalid one cannot be opened again.
    if (code === 'ENOENT' && file.includes('\uFFFD'))
      throw fail('SOURCE_NAME_INVALID', { file, what: 'the name' }, error);
    throw fail('SOURCE_UNREADABLE', { file, why: whyUnreadable(error) }, error);
  }
}
