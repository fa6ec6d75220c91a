import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { fileEntry, packTar } from '../../archive/index.ts';

export interface ContextFile {
  /** Relative to the build context, with `/`. */
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer;
}

/** What one platform image is made from. Its tag follows from all of it: the same recipe is never built twice. */
export interface ImageRecipe {
  readonly name: string;
  /** `repository:key`. */
  readonly tag: string;
  readonly files: readonly ContextFile[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly dockerfile?: string;
  readonly target?: string;
  /** Tag of the image it stands on, which must exist first; none for the base itself. */
  readonly parent?: string;
}

export type RecipeParts = Omit<ImageRecipe, 'tag'> & { readonly repository: string };

const KEY_LENGTH = 12;

export function imageRecipe({ repository, ...parts }: RecipeParts): ImageRecipe {
  return { ...parts, tag: `${repository}:${recipeKey(parts)}` };
}

/** Deterministic: nothing of the machine, no times. */
function recipeKey({ files, ...rest }: Omit<RecipeParts, 'repository'>): string {
  const hash = createHash('sha256').update(JSON.stringify(rest));
  for (const file of sorted(files))
    hash.update(`\0${file.path}\0${file.mode}\0${file.content.length}\0`).update(file.content);
  return hash.digest('hex').slice(0, KEY_LENGTH);
}

/** The build context as the engine takes it. */
export function contextTar(files: readonly ContextFile[]): Readable {
  return packTar(
    sorted(files).map(({ path, mode, content }) => fileEntry({ name: path, mode, mtime: new Date(0) }, content)),
  );
}

function sorted(files: readonly ContextFile[]): ContextFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}
