import type { Header, TarEntry } from '#archive';
import { GiB, inMegabytes } from '#values/size.ts';
import { fail, isMothershipError } from '#errors';

export interface SourceLimits {
  readonly entries: number;
  /** Total unpacked size of all files. */
  readonly bytes: number;
}

export const defaultSourceLimits: SourceLimits = { entries: 200_000, bytes: GiB };

/** Passes entries through until there are too many. Throws ARCHIVE_TOO_LARGE. */
export async function* within(
  limits: SourceLimits,
  entries: AsyncIterable<TarEntry<Header>>,
): AsyncGenerator<TarEntry<Header>> {
  let [count, bytes] = [0, 0];
  for await (const entry of entries) {
    count += 1;
    bytes += entry.header.size;
    if (count > limits.entries)
      throw fail('ARCHIVE_TOO_LARGE', { what: `more than ${limits.entries} files`, limit: `${limits.entries} files` });
    if (bytes > limits.bytes) {
      const limit = inMegabytes(limits.bytes);
      throw fail('ARCHIVE_TOO_LARGE', { what: `it unpacks to more than ${limit}`, limit });
    }
    yield entry;
  }
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
