import { fail } from '../errors/index.ts';

/**
 * Quotes an argument list for the shell that runs an SSH command. The only place that creates such text. Everything is
 * in single quotes, in which only the quote itself is special.
 */
export function shellText(argv: readonly string[]): string {
  return argv.map(quoted).join(' ');
}

function quoted(word: string): string {
  if (word.includes('\0')) throw fail('INTERNAL', { ref: 'an argument contains a null byte' });
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
