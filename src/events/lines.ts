import { StringDecoder } from 'node:string_decoder';

export interface LineOptions {
  /** A longer line comes in pieces of this many characters: input without newlines cannot fill the memory. */
  readonly limit?: number;
  /** False drops a last line that has no newline. */
  readonly unfinished?: boolean;
}

/** Yields lines of UTF-8 text without their newlines as soon as they are complete. Linear in the size of the text. */
export async function* lines(
  chunks: AsyncIterable<Uint8Array | string>,
  { limit = Infinity, unfinished = true }: LineOptions = {},
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let open: string[] = [];
  let length = 0;
  const take = (): string => {
    const line = open.join('');
    open = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk as Buffer);
    for (let at = 0; at < text.length;) {
      if (length === limit && text[at] !== '\n') yield take();
      const newline = text.indexOf('\n', at);
      const end = Math.min(newline < 0 ? text.length : newline, at + limit - length);
      open.push(text.slice(at, end));
      length += end - at;
      at = end === newline ? end + 1 : end;
      if (end === newline) yield take();
    }
  }
  if (unfinished && length > 0) yield take();
}
