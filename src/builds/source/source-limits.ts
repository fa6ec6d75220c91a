import { counted } from '#values/counted.ts';
import type { Readable } from 'node:stream';
import { readTar, type Header, type TarEntry } from '#archive';
import { GiB, inMegabytes, MiB } from '#values/size.ts';
import { fail, isMothershipError } from '#errors';

export interface SourceLimits {
  /** Files, links and folders, including folders that only appear in paths. */
  readonly entries: number;
  /** Total unpacked size of all files. */
  readonly bytes: number;
  /** Total length of all paths and link targets, which are kept in memory. */
  readonly pathCharacters: number;
}

export const defaultSourceLimits: SourceLimits = { entries: 200_000, bytes: GiB, pathCharacters: 32 * MiB };

/** Headers of one entry, before compression: its own, and another one with a long path or link target. */
const HEADER_BYTES = 4096;

/** Reads the gzipped tar of a source. Headers count too: small archives unpack to huge ones. */
export function unpackSource(archive: Readable, { entries, bytes }: SourceLimits): AsyncGenerator<TarEntry<Header>> {
  const limit = { bytes: bytes + entries * HEADER_BYTES, error: tooManyBytes(bytes) };
  return readTar(archive, { gzip: true, limit });
}

/** Passes entries through until there are too many. Throws ARCHIVE_TOO_LARGE. */
export async function* within(
  limits: SourceLimits,
  entries: AsyncIterable<TarEntry<Header>>,
): AsyncGenerator<TarEntry<Header>> {
  const count = new PathCount(limits);
  let bytes = 0;
  for await (const entry of entries) {
    count.add(entry.header.name.length + (entry.header.linkname?.length ?? 0));
    bytes += entry.header.size;
    if (bytes > limits.bytes) throw tooManyBytes(limits.bytes);
    yield entry;
  }
}

/** Counts what stays in memory of a source. */
export class PathCount {
  readonly #limits: SourceLimits;
  #entries = 0;
  #characters = 0;

  constructor(limits: SourceLimits) {
    this.#limits = limits;
  }

  /** Throws ARCHIVE_TOO_LARGE. */
  add(characters: number): void {
    const { entries, pathCharacters } = this.#limits;
    this.#entries += 1;
    this.#characters += characters;
    if (this.#entries > entries)
      throw fail('ARCHIVE_TOO_LARGE', { what: `it has more than ${counted(entries, 'files')}` });
    if (this.#characters > pathCharacters)
      throw fail('ARCHIVE_TOO_LARGE', { what: `it has more than ${inMegabytes(pathCharacters)} of paths` });
  }
}

function tooManyBytes(bytes: number): Error {
  return fail('ARCHIVE_TOO_LARGE', { what: `it unpacks to more than ${inMegabytes(bytes)}` });
}

/**
 * Converts an error of reading the archive to ARCHIVE_INVALID. Disk and connection errors are not the archive's fault.
 */
export function archiveFault(error: unknown): unknown {
  if (isMothershipError(error) || (error as NodeJS.ErrnoException).syscall) return error;
  const isGzip = /^(Z_|ERR_STREAM_PREMATURE)/.test((error as { code?: string }).code ?? '');
  const why = isGzip ? 'it is not a complete gzipped tar' : 'it is not a readable tar';
  return fail('ARCHIVE_INVALID', { why }, error);
}
