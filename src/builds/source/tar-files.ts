import { Readable } from 'node:stream';
import { extract, pack, type Pack } from 'tar-stream';
import { APP_UID } from './archive-entry.ts';
import { readEntry } from './tar-entry.ts';

export interface SmallFile {
  readonly name: string;
  readonly content: string | Buffer;
}

/** Owned by the user `app` and for nobody else to read. */
export function addFile(out: Pack, { name, content }: SmallFile): void {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content);
  out.entry({ name, mode: 0o400, uid: APP_UID, gid: APP_UID, mtime: new Date(0), size: bytes.length }, bytes);
}

/** Files alone, each as `addFile` has it. */
export function tarOf(files: readonly SmallFile[]): Readable {
  const out = pack();
  for (const file of files) addFile(out, file);
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
