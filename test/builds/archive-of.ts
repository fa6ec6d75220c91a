import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import tarFs from 'tar-fs';

/** A folder as the CLI sends it. */
export function archiveOfFolder(folder: string): Readable {
  return tarFs.pack(folder).pipe(createGzip());
}

const CHECKED_OUT = new Date('2026-01-01T00:00:00Z');

/** Files by path, as they lie in one checkout; a value of another kind is a header for what no folder can hold. */
export function archiveOf(files: Readonly<Record<string, string | Partial<Header>>>): Readable {
  const out = pack();
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === 'string') out.entry({ name, mtime: CHECKED_OUT }, content);
    else if (content.type === 'file') out.entry({ name, ...content }, '');
    else out.entry({ name, ...content });
  }
  out.finalize();
  return Readable.from(out).pipe(createGzip());
}
