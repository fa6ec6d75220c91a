/** The first `length` bytes of a stream, fewer where it ends earlier, and a stream of the bytes after them. */
export async function splitAt(
  source: AsyncIterable<Uint8Array>,
  length: number,
): Promise<[first: Buffer, rest: AsyncGenerator<Uint8Array>]> {
  const chunks = source[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  for (let next; first.length < length && !(next = await chunks.next()).done;)
    first = Buffer.concat([first, next.value]);
  return [first.subarray(0, length), prepend(first.subarray(length), { [Symbol.asyncIterator]: () => chunks })];
}

export async function* prepend(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  yield* rest;
}

/** A stream cut into chunks of `length` bytes; the last one may be shorter. */
export async function* cut(source: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let missing = length;
  for await (let chunk of source) {
    for (; chunk.length >= missing; missing = length) {
      yield Buffer.concat([...parts, chunk.subarray(0, missing)]);
      chunk = chunk.subarray(missing);
      parts = [];
    }
    parts.push(chunk);
    missing -= chunk.length;
  }
  if (missing < length) yield Buffer.concat(parts);
}
