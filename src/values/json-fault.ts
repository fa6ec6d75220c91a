/** Why `text` is not JSON, from the error of `JSON.parse`; with line and column where V8 says an offset. */
export function jsonFault(text: string, error: unknown): string {
  const { message } = error as Error;
  const offset = /at position (\d+)/.exec(message)?.[1];
  const ends = /end of JSON input/.test(message);
  if (offset === undefined && !ends) return message;
  const lines = text.slice(0, ends ? text.length : Number(offset)).split('\n');
  const what = message.replace(/(?: in JSON| of JSON input)?(?: at position \d+.*)?$/s, '');
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}: ${what}`;
}
