import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { App } from '#api';
import { everything, type SourceScope } from '#api/source-root.ts';
import { fail } from '#errors';
import { unreadable } from '../files/unreadable.ts';
import type { Io } from '../program/io.ts';
import { contextsFile } from '../session/contexts.ts';
import type { SourceArchive } from './pack.ts';

export interface PackedSource {
  readonly archive: SourceArchive;
  /** Commit or other name of what was packed. */
  readonly ref?: string;
  /** The app's folder. */
  readonly folder: string;
  /** Whether it is the app's part of a repository, with paths relative to its top. */
  readonly repository: boolean;
}

interface SourceFlags {
  /** A folder to send alone, whatever the app's root. */
  readonly path?: string | undefined;
  /** Commit, branch or tag; the working files if omitted. */
  readonly ref?: string | undefined;
}

/**
 * Packs what a deploy of the app uploads. Throws FILE_NOT_FOUND, FILE_UNREADABLE, FOLDER_PRIVATE, SOURCE_ROOT_MISSING,
 * SOURCE_UNREADABLE, SOURCE_NAME_INVALID, FOLDER_EMPTY, GIT_FAILED or SUBMODULE_MISSING.
 */
export async function packSource(
  { path, ref }: SourceFlags,
  app: Pick<App, 'source'> | undefined,
  io: Io,
): Promise<PackedSource> {
  const here = resolve(io.cwd, path ?? '.');
  await checkFolder(here, path ?? here);
  const part =
    path === undefined && app?.source ? (await import('./find-scope.ts')).findPart(here, app.source) : undefined;
  const top = part?.top ?? here;
  const packed = { folder: part ? join(top, part.root) : here, repository: part !== undefined };
  await refusePrivate(packed.folder, io);
  const scope = await withoutOwnFiles(part ?? everything, top, io);
  const git = await import('./git.ts');
  if (ref) return { ...packed, archive: await git.packGitRef(top, ref, io, scope), ref };
  const [{ packFolder }, { Committed }] = await Promise.all([import('./pack.ts'), import('./committed.ts')]);
  const [committed, head] = await Promise.all([Committed.in(top, io), git.describeHead(top, io)]);
  const archive = await packFolder(top, { scope, committed });
  return { ...packed, archive, ...(head ? { ref: head } : {}) };
}

async function checkFolder(folder: string, given: string): Promise<void> {
  const stats = await stat(folder).catch((error: unknown) => Promise.reject(unreadable(given, error, 'folder')));
  if (!stats.isDirectory()) throw fail('FILE_UNREADABLE', { file: given, why: 'it is not a folder' });
}

/** Throws FOLDER_PRIVATE for the user's home folder and for `/`. */
async function refusePrivate(folder: string, io: Io): Promise<void> {
  const given = await realPath(folder);
  if (given === '/' || given === (await realPath(io.home))) throw fail('FOLDER_PRIVATE', { folder });
}

/** Excludes the folder in which this program keeps its tokens and SSH keys. */
async function withoutOwnFiles(scope: SourceScope, top: string, io: Io): Promise<SourceScope> {
  const own = relative(await realPath(top), await realPath(dirname(contextsFile(io))));
  if (own === '..' || own.startsWith('../')) return scope;
  const isOwn = (path: string): boolean => own === '' || path === own || path.startsWith(`${own}/`);
  return {
    ...scope,
    takes: (path) => !isOwn(path) && scope.takes(path),
    leadsTo: (folder) => !isOwn(folder) && scope.leadsTo(folder),
  };
}

function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
