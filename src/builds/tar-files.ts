import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { APP_UID } from './archive-entry.ts';
import { readEntry } from './tar-entry.ts';

/** Small files as a tar, owned by the user `app` and for nobody else to read. Names may have folders in them that exist. */
export function tarOf(files: Readonly<Record<string, string | Buffer>>, mode = 0o400): Readable {
  const out = pack();
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content);
    out.entry({ name, mode, uid: APP_UID, gid: APP_UID, mtime: new Date(0), size: bytes.length }, bytes);
  }
  out.finalize();
  return Readable.from(out);
}

/** The regular files of a tar as text by base name, at most `limit` bytes of each. */
export async function textsOf(tar: Readable, limit: number): Promise<ReadonlyMap<string, string>> {
  const reading = extract();
  tar.on('error', (error) => reading.destroy(error)).pipe(reading);
  const texts = new Map<string, string>();
  for await (const entry of reading) {
    const text = (await readEntry(entry, limit)).toString('utf8');
    if (entry.header.type === 'file') texts.set(entry.header.name.split('/').at(-1) ?? '', text);
  }
  return texts;
}
