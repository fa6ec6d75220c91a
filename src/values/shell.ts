import { fail } from '#errors';

/** Quotes a word for a POSIX shell (XCU 2.2.2: single quotes make it literal). Throws INTERNAL on a null byte. */
export function shellQuote(word: string): string {
  if (word.includes('\0')) throw fail('INTERNAL', { ref: 'an argument contains a null byte' });
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Like `shellQuote`, but words that need no quotes stay readable. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : shellQuote(word);
}
