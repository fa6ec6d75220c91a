import { StringDecoder } from 'node:string_decoder';

/** Values of a stream of JSON lines; empty lines are heartbeats. A line cut off at the end is dropped. */
export async function* readJsonLines<T>(chunks: AsyncIterable<Buffer>): AsyncGenerator<T> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) yield JSON.parse(line) as T;
  }
}
