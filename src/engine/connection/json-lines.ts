import type { Readable } from 'node:stream';
import { lines } from '#events';
import { translate, type RequestWords } from './refusal.ts';

/** Yields the JSON values of a body with one per line; ends without an error when the call's signal aborts. */
export async function* jsonLines<T>(body: Readable, call: RequestWords, where: string): AsyncGenerator<T> {
  try {
    for await (const line of lines(body)) if (line.trim() !== '') yield JSON.parse(line) as T;
  } catch (error) {
    if (!call.signal?.aborted) throw translate(error, call, where);
  }
}
