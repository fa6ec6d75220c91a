import { fail } from '../../errors/index.ts';

export interface SourceLimits {
  readonly entries: number;
  /** Of all files together, unpacked. */
  readonly bytes: number;
}

export const defaultSourceLimits: SourceLimits = { entries: 200_000, bytes: 1024 ** 3 };

/** What was read of a source so far. */
export class SourceCount {
  readonly #limits: SourceLimits;
  entries = 0;
  bytes = 0;

  constructor(limits: SourceLimits) {
    this.#limits = limits;
  }

  /** Throws ARCHIVE_TOO_LARGE. */
  add(size: number): void {
    this.entries += 1;
    this.bytes += size;
    const { entries, bytes } = this.#limits;
    if (this.entries > entries)
      throw fail('ARCHIVE_TOO_LARGE', { what: `more than ${entries} files`, limit: `${entries} files` });
    if (this.bytes > bytes)
      throw fail('ARCHIVE_TOO_LARGE', { what: `it unpacks to more than ${megabytes(bytes)}`, limit: megabytes(bytes) });
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MB`;
}
