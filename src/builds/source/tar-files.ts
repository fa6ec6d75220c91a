import type { Readable } from 'node:stream';
import { contentOf, fileEntry, packTar, readTar, type TarEntry } from '#archive';
import { APP_UID } from './archive-entry.ts';

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

/** Returns the regular files of a tar as text by base name, at most `limit` bytes of each. */
export async function textsOf(tar: Readable, limit: number): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for await (const entry of readTar(tar)) {
    if (entry.header.type !== 'file') continue;
    texts.set(entry.header.name.split('/').at(-1) ?? '', (await contentOf(entry, limit)).toString('utf8'));
  }
  return texts;
}
