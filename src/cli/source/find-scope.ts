import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { everything, parseSourceRoot, sourceScope, type SourceScope } from '#api/source-root.ts';
import { fail } from '#errors';
import { gitTop } from '../session/project.ts';

interface Root {
  readonly root: string;
  readonly watch: readonly string[];
}

/** An app's part of a local repository. */
interface RepositoryPart extends SourceScope {
  /** The repository's top folder. */
  readonly top: string;
}

/**
 * Finds the repository of `folder`: the nearest folder that contains the root, among this folder, those whose root it
 * is or contains it, and git's. Throws SOURCE_ROOT_MISSING.
 */
export function findPart(folder: string, { root, watch }: Root): RepositoryPart {
  const source = parseSourceRoot(root, watch);
  const scope = source ? sourceScope(source) : everything;
  const top = topsOf(folder, scope.root).find((candidate) => isFolder(join(candidate, scope.root)));
  if (top === undefined) throw fail('SOURCE_ROOT_MISSING', { root: scope.root });
  return { ...scope, top };
}

function topsOf(folder: string, root: string): string[] {
  const above = [folder];
  while (dirname(above.at(-1)!) !== above.at(-1)) above.push(dirname(above.at(-1)!));
  const withRoot =
    root === ''
      ? []
      : above
          .filter((candidate) => candidate.endsWith(`/${root}`))
          .map((candidate) => candidate.slice(0, -root.length - 1) || '/');
  const git = gitTop(folder);
  // If the root is the top, every folder of the repository contains it.
  return root === '' ? [git ?? folder] : [folder, ...withRoot, ...(git === undefined ? [] : [git])];
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
