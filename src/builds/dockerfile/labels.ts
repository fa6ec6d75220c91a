import { splitWords } from './words.ts';

/**
 * Returns the names that a LABEL sets: `name=value ...`, or the old form `name value`. Without quotes and escapes, so
 * that every spelling of a name is the same; variables stay.
 */
export function readLabels(rest: string, escape: string): string[] {
  const words = splitWords(rest, escape);
  const first = words[0] ?? '';
  const names = first.includes('=')
    ? words.map((word) => word.split('=', 1)[0]!)
    : [first, rest.split(/[\t\v\f\r ]/, 1)[0]!];
  return names.map((name) => name.replace(/["'\\`]/g, ''));
}
