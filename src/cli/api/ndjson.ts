import { lines } from '../../events/index.ts';

/** Values of a stream of JSON lines; empty lines are heartbeats. A line cut off at the end is dropped. */
export async function* readJsonLines<T>(chunks: AsyncIterable<Buffer>): AsyncGenerator<T> {
  for await (const line of lines(chunks, { unfinished: false })) if (line.trim()) yield JSON.parse(line) as T;
}
