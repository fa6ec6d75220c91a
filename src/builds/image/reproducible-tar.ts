import type { Readable } from 'node:stream';
import { mapHeaders, packTar, readTar } from '../../archive/index.ts';

/** The time of all that is in a layer which follows from its key, whenever it was made. Zip archives know none before. */
export const LAYER_TIME = new Date('1980-01-01T00:00:00Z');

/**
 * The same tar with times that do not tell when it was made. `all`: every entry's; `atMost`: of those that are younger, as
 * reproducible-builds.org has it for SOURCE_DATE_EPOCH, so that files of the source keep their own.
 */
export function settledTar(tar: Readable, time: { readonly all: Date } | { readonly atMost: Date }): Readable {
  const settle =
    'all' in time ? () => time.all : (own: Date | undefined) => (own && own < time.atMost ? own : time.atMost);
  return packTar(mapHeaders(readTar(tar), (header) => ({ ...header, mtime: settle(header.mtime) })));
}
