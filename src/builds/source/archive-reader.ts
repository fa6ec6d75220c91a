import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { fail } from '../../errors/index.ts';
import type { Entry } from './tar-entry.ts';

/** The entries of a gzipped tar, each to be read to its end before the next. Whoever stops early ends the archive's stream. */
export async function* archiveEntries(archive: Readable, signal?: AbortSignal): AsyncGenerator<Entry> {
  const reading = extract();
  const unzipping = pipeline(archive, createGunzip(), reading, signal ? { signal } : {}).catch((error: unknown) => {
    reading.destroy(error as Error);
  });
  try {
    for await (const entry of reading) yield entry;
    await unzipping;
  } finally {
    archive.destroy();
  }
}

/** What an error of reading says of the archive: ARCHIVE_INVALID. */
export function unreadable(error: unknown): Error {
  const code = (error as { code?: string }).code ?? '';
  const why = /^(Z_|ERR_STREAM_PREMATURE)/.test(code) ? 'it is not a complete gzipped tar' : 'it is not a readable tar';
  return fail('ARCHIVE_INVALID', { why }, error);
}
