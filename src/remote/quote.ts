import { fail } from '../errors/index.ts';

/**
 * An argument list as text for the shell that sshd hands a command to. The only place where such text is made.
 * Everything is put in single quotes, in which no character has a meaning but the quote itself.
 */
export function shellText(argv: readonly string[]): string {
  return argv.map(quoted).join(' ');
}

function quoted(word: string): string {
  if (word.includes('\0')) throw fail('INTERNAL', { ref: 'an argument contains a null byte' });
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
