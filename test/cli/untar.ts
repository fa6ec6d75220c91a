import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

export interface Unpacked {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly target?: string;
  readonly text: string;
}

/** Entries of a gzipped tar, in its order. */
export async function untar(archive: Buffer): Promise<Unpacked[]> {
  const entries: Unpacked[] = [];
  const reader = extract();
  Readable.from([archive])
    .pipe(createGunzip())
    .pipe(reader as unknown as NodeJS.WritableStream);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, type, mode, linkname } = entry.header;
    entries.push({
      name,
      type,
      mode,
      ...(linkname ? { target: linkname } : {}),
      text: Buffer.concat(chunks).toString('utf8'),
    });
  }
  return entries;
}
