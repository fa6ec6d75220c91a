import type { Readable } from 'node:stream';
import { contentOf, fileEntry, packTar, readTar, type TarEntry } from '#archive';
import { fail } from '#errors';
import { inMegabytes } from '#values/size.ts';
import { APP_UID } from './archive-entry.ts';

const HEADER_BYTES = 512;

export interface SmallFile {
  readonly name: string;
  readonly content: string | Buffer;
}

/** Owned by the user `app`, readable by nobody else. */
export function smallFile({ name, content }: SmallFile): TarEntry {
  return fileEntry({ name, mode: 0o400, uid: APP_UID, gid: APP_UID, mtime: new Date(0) }, content);
}

export function tarOf(files: readonly SmallFile[]): Readable {
  return packTar(files.map(smallFile));
}

/**
 * Returns the regular files of a tar as text by base name. Stops reading when they and their headers have more than
 * `limit` bytes. Throws BUILD_FAILED.
 */
export async function textsOf(tar: Readable, limit: number): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  let left = limit;
  for await (const entry of readTar(tar)) {
    left -= HEADER_BYTES + (entry.header.size ?? 0);
    if (left < 0) throw fail('BUILD_FAILED', { what: `it left more than ${inMegabytes(limit)} of results`, lines: [] });
    if (entry.header.type !== 'file') continue;
    texts.set(entry.header.name.split('/').at(-1) ?? '', (await contentOf(entry)).toString('utf8'));
  }
  return texts;
}
