import type { Extract, Pack } from 'tar-stream';

export type Entry = Extract extends AsyncIterable<infer E> ? E : never;
export type Sink = ReturnType<Pack['entry']>;

/** Each entry has to be read to its end before the next one comes. */
export async function copyEntry(
  entry: AsyncIterable<unknown>,
  sink: Sink,
  hear?: (chunk: Buffer) => void,
): Promise<void> {
  for await (const chunk of entry as AsyncIterable<Buffer>) {
    hear?.(chunk);
    if (!sink.write(chunk)) await drained(sink);
  }
  sink.end(null);
}

export async function skipEntry(entry: Entry): Promise<void> {
  for await (const chunk of entry) void chunk;
}

/** The whole content; nothing of what goes beyond `limit` bytes. */
export async function readEntry(entry: Entry, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of entry as AsyncIterable<Buffer>) {
    if (size < limit) chunks.push(chunk.subarray(0, limit - size));
    size += chunk.length;
  }
  return Buffer.concat(chunks);
}

function drained(sink: Sink): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sink.off('drain', done).off('close', done);
      resolve();
    };
    sink.on('drain', done).on('close', done);
  });
}
