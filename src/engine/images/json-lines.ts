import type { Readable } from 'node:stream';
import { translate, type RequestWords } from '../connection/refusal.ts';

/** Each JSON value of a body that holds one a line; ends quietly when the call's signal aborts. */
export async function* jsonLines<T>(body: Readable, call: RequestWords, where: string): AsyncGenerator<T> {
  try {
    for await (const line of textLines(body)) if (line.trim() !== '') yield JSON.parse(line) as T;
  } catch (error) {
    if (!call.signal?.aborted) throw translate(error, call, where);
  }
}

async function* textLines(body: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
