import type { Io } from '../io.ts';
import type { SourceArchive } from './pack.ts';

export interface PackedSource {
  readonly archive: SourceArchive;
  /** Commit or other name of what was packed. */
  readonly ref?: string;
}

/** A folder as it is, or as it was at `ref`. */
export async function packSource(folder: string, ref: string | undefined, io: Io): Promise<PackedSource> {
  const git = await import('./git.ts');
  if (ref) return { archive: await git.packGitRef(folder, ref, io), ref };
  const { packFolder } = await import('./pack.ts');
  const [archive, head] = await Promise.all([packFolder(folder), git.describeHead(folder, io)]);
  return { archive, ...(head ? { ref: head } : {}) };
}
