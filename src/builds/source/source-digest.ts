import { createHash, type Hash } from 'node:crypto';

/** A file or link of a source, as far as a build can tell it from another. */
export interface SourceFile {
  readonly path: string;
  readonly type: 'file' | 'symlink' | 'link';
  readonly executable: boolean;
  /** SHA-256 of a file's content, the target of a link. */
  readonly content: string;
}

/**
 * The same for the same files, in whatever order, by whomever and whenever they were packed: times, owners and all of the
 * mode but what git keeps are left out, and so are folders. `given`: what else the build is made from.
 */
export function sourceDigest(files: readonly SourceFile[], given: unknown): string {
  const hash = createHash('sha256').update(`${JSON.stringify(given)}\n`);
  for (const { path, type, executable, content } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(`${JSON.stringify([path, type, executable, content])}\n`);
  }
  return `sha256:${hash.digest('hex')}`;
}

/** The same content; the hash has all of it once the content was read to its end. */
export async function* hashed(content: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}
