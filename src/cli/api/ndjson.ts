import { lines } from '#events';
import { MiB } from '#values/size.ts';

/** Bytes of a response or characters of a line: more than the records of all apps. */
const LONGEST_JSON = 64 * MiB;

/** Yields the values of a stream of JSON lines. Empty lines are heartbeats; a truncated last line is dropped. */
export async function* readJsonLines<T>(chunks: AsyncIterable<Buffer>): AsyncGenerator<T> {
  for await (const line of lines(chunks, { limit: LONGEST_JSON, unfinished: false }))
    if (line.trim()) yield JSON.parse(line) as T;
}

/** Throws SyntaxError, also for a response that is too long. */
export async function readJson(response: AsyncIterable<Buffer>): Promise<unknown> {
  const chunks: Buffer[] = [];
  let left = LONGEST_JSON;
  for await (const chunk of response) {
    left -= chunk.length;
    if (left < 0) throw new SyntaxError('response too long');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
