import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack, type Header, type Pack } from 'tar-stream';

export type { Header };
export type NewHeader = Partial<Header> & { readonly name: string };

/** A file, folder or link. Its content can be read once, before the next entry; unread content is skipped. */
export interface TarEntry<H = NewHeader> {
  readonly header: H;
  readonly content: AsyncIterable<Buffer>;
}

/** Small chunks cost a system call, a gzip job or an HTTP frame each. */
const BLOCK = 64 * 1024;
/** Favors size over CPU time, as archives travel over the internet. */
const GZIP_LEVEL = 5;

interface ReadOptions {
  readonly gzip?: boolean;
  /** The most that a gzipped tar may unpack to, headers included, and the error for a larger one. */
  readonly limit?: { readonly bytes: number; readonly error: Error };
}

/**
 * Yields the entries in order. Closes the stream when the caller stops early. Throws errors of the stream and the
 * parser.
 */
export async function* readTar(tar: Readable, { gzip, limit }: ReadOptions = {}): AsyncGenerator<TarEntry<Header>> {
  const reader = extract();
  const unpacked = limit ? [createGunzip({ chunkSize: BLOCK }), limited(limit)] : [createGunzip({ chunkSize: BLOCK })];
  const feeding = pipeline([tar, ...(gzip ? unpacked : []), reader]);
  const fed = feeding.catch((error: unknown) => void reader.destroy(error as Error));
  try {
    for await (const entry of reader) {
      // The parser reads some malformed sizes as null and would then wait for that content forever.
      if (!Number.isSafeInteger(entry.header.size)) throw new RangeError('Invalid tar header: size');
      yield { header: entry.header, content: entry as AsyncIterable<Buffer> };
      entry.resume();
    }
    await fed;
  } finally {
    tar.destroy();
  }
}

function limited({ bytes, error }: NonNullable<ReadOptions['limit']>): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left < 0) done(error);
      else done(null, chunk);
    },
  });
}

type Entries = Iterable<TarEntry> | AsyncIterable<TarEntry>;

/**
 * Returns a tar of the entries, which are read on demand. Their errors are errors of the stream. PAX records are
 * rewritten.
 */
export function packTar(entries: Entries): Readable {
  return Readable.from(blocks(entries), { objectMode: false, highWaterMark: 4 * BLOCK });
}

/** Like `packTar`, gzipped. */
export function packGzip(entries: Entries): Readable {
  const gzip = createGzip({ level: GZIP_LEVEL });
  const tar = packTar(entries);
  // The reader of the result sees the failure, whenever it starts to read.
  gzip.on('error', () => undefined);
  pipeline(tar, gzip).catch(() => undefined);
  return gzip;
}

/** Yields the same contents with other headers; drops entries for which `change` returns undefined. */
export async function* mapHeaders(
  entries: AsyncIterable<TarEntry<Header>>,
  change: (header: Header) => NewHeader | undefined,
): AsyncGenerator<TarEntry> {
  for await (const { header, content } of entries) {
    const changed = change(header);
    if (changed) yield { header: changed, content };
  }
}

export function fileEntry(header: NewHeader, content: string | Buffer): TarEntry {
  const bytes = Buffer.from(content);
  return { header: { ...header, type: 'file', size: bytes.length }, content: Readable.from([bytes]) };
}

/** Yields the first `size` bytes of a file, which is opened on demand. A stream costs more than a small file. */
export async function* fileContent(path: string, size: number): AsyncGenerator<Buffer> {
  if (size > 4 * BLOCK) yield* createReadStream(path, { end: size - 1 }) as AsyncIterable<Buffer>;
  else if (size > 0) yield (await readFile(path)).subarray(0, size);
}

/** The first `limit` bytes of an entry. */
export async function contentOf({ content }: TarEntry<unknown>, limit = Infinity): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let left = limit;
  for await (const chunk of content) {
    if (left > 0) chunks.push(chunk.subarray(0, left));
    left -= chunk.length;
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

async function writeEntries(out: Pack, entries: Entries): Promise<void> {
  for await (const { header, content } of entries) {
    const sink = out.entry({ ...header, pax: null });
    // The tar reports it too.
    sink.on('error', () => undefined);
    if (!isFile(header)) continue;
    for await (const chunk of content) {
      if (sink.destroyed) return;
      if (!sink.write(chunk)) await drained(sink);
    }
    sink.end(null);
  }
}

function isFile({ type }: NewHeader): boolean {
  return type === undefined || type === 'file' || type === 'contiguous-file';
}

function drained(sink: ReturnType<Pack['entry']>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sink.off('drain', done).off('close', done);
      resolve();
    };
    sink.on('drain', done).on('close', done);
  });
}

async function* blocks(entries: Entries): AsyncGenerator<Buffer> {
  const out = pack();
  // The loop below throws it.
  out.on('error', () => undefined);
  writeEntries(out, entries).then(
    () => out.finalize(),
    (error: unknown) => out.destroy(error as Error),
  );
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of out as AsyncIterable<Buffer>) {
    held.push(chunk);
    size += chunk.length;
    if (size < BLOCK) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
}
