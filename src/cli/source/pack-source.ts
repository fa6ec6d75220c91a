import { join, resolve } from 'node:path';
import type { App } from '#api';
import type { Io } from '../program/io.ts';
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

/** Packs what a deploy of the app uploads. Throws SOURCE_ROOT_MISSING, FILE_UNREADABLE, FOLDER_EMPTY or GIT_FAILED. */
export async function packSource(
  { path, ref }: SourceFlags,
  app: Pick<App, 'source'> | undefined,
  io: Io,
): Promise<PackedSource> {
  const here = resolve(io.cwd, path ?? '.');
  const part =
    path === undefined && app?.source ? (await import('./find-scope.ts')).findPart(here, app.source) : undefined;
  const top = part?.top ?? here;
  const packed = { folder: part ? join(top, part.root) : here, repository: part !== undefined };
  const git = await import('./git.ts');
  if (ref) return { ...packed, archive: await git.packGitRef(top, ref, io, part), ref };
  const [{ packFolder }, { Committed }] = await Promise.all([import('./pack.ts'), import('./committed.ts')]);
  const [committed, head] = await Promise.all([Committed.in(top, io), git.describeHead(top, io)]);
  const archive = await packFolder(top, { scope: part, committed });
  return { ...packed, archive, ...(head ? { ref: head } : {}) };
}
