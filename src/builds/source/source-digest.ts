import { createHash, type Hash } from 'node:crypto';

/** A file or link of a source, with everything that can affect a build. */
export interface SourceFile {
  readonly path: string;
  readonly type: 'file' | 'symlink' | 'link';
  readonly executable: boolean;
  /** SHA-256 of a file's content, or the target of a link. */
  readonly content: string;
}

/**
 * Returns a digest that depends only on the files: order, times, owners, folders and modes other than the executable
 * bit are ignored. `given`: other inputs of the build.
 */
export function sourceDigest(files: readonly SourceFile[], given: unknown): string {
  const hash = createHash('sha256').update(`${JSON.stringify(given)}\n`);
  for (const { path, type, executable, content } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(`${JSON.stringify([path, type, executable, content])}\n`);
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Passes the content through; the hash is complete when the content has been read to its end. */
export async function* hashed(content: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}
