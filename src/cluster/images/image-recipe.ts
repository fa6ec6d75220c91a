import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { fileEntry, packTar } from '#archive';

export interface ContextFile {
  /** Relative to the build context, with `/`. */
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer;
}

/** Everything a platform image is made from. The tag is derived from it, so the same recipe is never built twice. */
export interface ImageRecipe {
  readonly name: string;
  /** `repository:key`. */
  readonly tag: string;
  readonly files: readonly ContextFile[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly dockerfile?: string;
  readonly target?: string;
  /** Tag of the parent image, which must exist first; none for the base. */
  readonly parent?: string;
}

type RecipeParts = Omit<ImageRecipe, 'tag'> & { readonly repository: string };

const KEY_LENGTH = 12;

export function imageRecipe({ repository, ...parts }: RecipeParts): ImageRecipe {
  return { ...parts, tag: `${repository}:${recipeKey(parts)}` };
}

/** Deterministic: contains no times and nothing about the machine. */
function recipeKey({ files, ...rest }: Omit<RecipeParts, 'repository'>): string {
  const hash = createHash('sha256').update(JSON.stringify(rest));
  for (const file of sorted(files))
    hash.update(`\0${file.path}\0${file.mode}\0${file.content.length}\0`).update(file.content);
  return hash.digest('hex').slice(0, KEY_LENGTH);
}

/** Returns the build context for the engine. */
export function contextTar(files: readonly ContextFile[]): Readable {
  return packTar(
    sorted(files).map(({ path, mode, content }) => fileEntry({ name: path, mode, mtime: new Date(0) }, content)),
  );
}

function sorted(files: readonly ContextFile[]): ContextFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}
