import { join, resolve } from 'node:path';
import type { App } from '../../api/index.ts';
import type { Io } from '../program/io.ts';
import type { SourceArchive } from './pack.ts';

export interface PackedSource {
  readonly archive: SourceArchive;
  /** Commit or other name of what was packed. */
  readonly ref?: string;
  /** The app's folder. */
  readonly folder: string;
  /** Whether it is the app's part of a repository, by paths from that one's top. */
  readonly repository: boolean;
}

export interface SourceFlags {
  /** A folder that is sent alone, whatever the app's root. */
  readonly path?: string | undefined;
  /** As it was then; as it is when missing. */
  readonly ref?: string | undefined;
}

/** What a deploy of the app from here is to send. Throws SOURCE_ROOT_MISSING, FILE_UNREADABLE, FOLDER_EMPTY, GIT_FAILED. */
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
