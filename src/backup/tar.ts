import { fail } from '../errors/index.ts';
import { ByteReader } from './byte-reader.ts';

const BLOCK = 512;
/** End of a tar: two empty blocks. */
const END = Buffer.alloc(2 * BLOCK);
const NAME_LIMIT = 100;

export interface TarEntry {
  readonly name: string;
  readonly size: number;
  /** Must be read completely before the next entry. */
  readonly content: AsyncIterable<Buffer>;
}

/** Returns a tar file entry (POSIX ustar) readable only by its owner. */
export function tarFile(name: string, content: Buffer, seconds: number): Buffer[] {
  return [tarHeader(name, content.length, seconds), content, Buffer.alloc(paddingOf(content.length))];
}

export function tarEnd(): Buffer {
  return END;
}

/**
 * Yields the files of a tar written by `tarFile` and rejects everything else: links, folders, long names, extensions
 * and bytes between files. Each byte is therefore a file's content or has only one possible value. Throws
 * BACKUP_DAMAGED.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const bytes = new ByteReader(source);
  try {
    for (;;) {
      const block = await bytes.take(BLOCK);
      if (block.length < BLOCK) throw damaged('it is truncated');
      if (block.equals(END.subarray(0, BLOCK))) break;
      const { name, size } = parseHeader(block);
      const left = { bytes: size };
      yield { name, size, content: counted(bytes, left) };
      if (left.bytes > 0) throw damaged('it is truncated');
      if (!isEmpty(await bytes.take(paddingOf(size)), paddingOf(size)))
        throw damaged(`there is unexpected data after ${name}`);
    }
    if (!isEmpty(await bytes.take(BLOCK), BLOCK) || !(await bytes.atEnd()))
      throw damaged('there is data after its end');
  } finally {
    await bytes.close();
  }
}

async function* counted(bytes: ByteReader, left: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const part of bytes.stream(left.bytes)) {
    left.bytes -= part.length;
    yield part;
  }
}

export function damaged(why: string): Error {
  return fail('BACKUP_DAMAGED', { why });
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function isEmpty(bytes: Buffer, length: number): boolean {
  return bytes.length === length && bytes.every((byte) => byte === 0);
}

/** Parses leniently, then formats the result and requires identical bytes. */
function parseHeader(block: Buffer): { name: string; size: number } {
  const name = block.toString('latin1', 0, block.subarray(0, NAME_LIMIT).indexOf(0));
  const [size, seconds] = [octal(block, 124), octal(block, 136)];
  if (!/^[\w./-]+$/.test(name) || Number.isNaN(size) || Number.isNaN(seconds))
    throw damaged('it has an unsupported tar header');
  if (!tarHeader(name, size, seconds).equals(block)) throw damaged(`the tar header of ${name} is not supported`);
  return { name, size };
}

function octal(block: Buffer, offset: number): number {
  const text = block.toString('latin1', offset, offset + 11);
  return /^[0-7]{11}$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** Fields and offsets: POSIX.1-1988, "ustar". */
function tarHeader(name: string, size: number, seconds: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name.slice(0, NAME_LIMIT - 1), 0, 'latin1');
  block.write('0000600\0' + '0000000\0' + '0000000\0', 100, 'latin1');
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write(`${seconds.toString(8).padStart(11, '0')}\0`, 136, 'latin1');
  block.write(' '.repeat(8), 148, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\0' + '00', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
