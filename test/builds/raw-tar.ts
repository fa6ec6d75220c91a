/** The block before an entry's content, with fields that tar-stream would not write. */
export function tarHeader(
  name: string,
  { type = '0', size = '0' }: { readonly type?: string; readonly size?: string | Buffer } = {},
): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644 ', 100);
  Buffer.from(size).copy(block, 124);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A number in base 256 whose mark is none that POSIX or GNU know. */
export const strangeSize = Buffer.from([0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
