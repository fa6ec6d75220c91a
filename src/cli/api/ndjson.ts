import { lines } from '../../events/index.ts';

/** Yields the values of a stream of JSON lines. Empty lines are heartbeats; a truncated last line is dropped. */
export async function* readJsonLines<T>(chunks: AsyncIterable<Buffer>): AsyncGenerator<T> {
  for await (const line of lines(chunks, { unfinished: false })) if (line.trim()) yield JSON.parse(line) as T;
}
