import type { Readable } from 'node:stream';
import { mapHeaders, packTar, readTar } from '#archive';

/** Time of all files in a layer that depends only on its key. Zip archives cannot represent earlier times. */
export const LAYER_TIME = new Date('1980-01-01T00:00:00Z');

/**
 * Rewrites a tar with reproducible times. `all`: for every entry. `atMost`: only for newer entries, as in
 * reproducible-builds.org's SOURCE_DATE_EPOCH, so that source files keep theirs.
 */
export function settledTar(tar: Readable, time: { readonly all: Date } | { readonly atMost: Date }): Readable {
  const settle =
    'all' in time ? () => time.all : (own: Date | undefined) => (own && own < time.atMost ? own : time.atMost);
  return packTar(mapHeaders(readTar(tar), (header) => ({ ...header, mtime: settle(header.mtime) })));
}
