import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { packTar, type Header, type TarEntry } from '#archive';
import { plainPath, PLAN_FILES } from '../buildpacks/build-plan.ts';
import { archiveFault, defaultSourceLimits, within, type SourceLimits } from './source-limits.ts';
import type { SourceFile } from './source-digest.ts';
import { SourceRoot, type SourceLayout } from './source-root.ts';
import { SourceTree } from './source-tree.ts';
import type { Source } from './source.ts';

/** Files that decide how the source is built. */
const DECISIVE = ['Procfile', 'Dockerfile', '.dockerignore', '.slugignore', ...PLAN_FILES];

export interface SourceOptions {
  /** Where to write the tar. */
  readonly file: string;
  /** For the archive of a whole repository: the part that is the app's. */
  readonly layout?: SourceLayout | undefined;
  /** Path of a Dockerfile with another name. */
  readonly dockerfile?: string | undefined;
  readonly limits?: SourceLimits;
}

export interface ReceivedSource extends Source {
  /** Only for an app with a root: its files, by their paths in the repository. */
  readonly files?: readonly SourceFile[] | undefined;
}

/**
 * Receives an archive. Entries come from `readTar` if the client sent everything, or from the `SourceStore` if it sent
 * only changes. They are validated here, once, and written to one tar that the build uses as it is (`sourceTar`).
 * Throws ARCHIVE_INVALID, ARCHIVE_TOO_LARGE and, for an app with a root, SOURCE_ROOT_MISSING.
 */
export async function receiveSource(
  entries: AsyncIterable<TarEntry<Header>>,
  { file, layout, dockerfile, limits = defaultSourceLimits }: SourceOptions,
): Promise<ReceivedSource> {
  const root = layout && new SourceRoot(layout);
  const chosen = dockerfile ? plainPath(dockerfile) : 'Dockerfile';
  const tree = new SourceTree([...DECISIVE, chosen, `${chosen}.dockerignore`], limits);
  const counted = within(limits, entries);
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, packTar(tree.check(root ? root.place(counted) : counted)));
  } catch (error) {
    throw archiveFault(error);
  }
  return { file, ...tree.found(), files: root?.files };
}
