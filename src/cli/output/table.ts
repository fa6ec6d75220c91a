import { stripVTControlCharacters } from 'node:util';
import type { Paint } from './text.ts';

type Columns<T> = Readonly<Record<string, (row: T) => string>>;

/** Formats aligned columns with headings and no borders. */
export function table<T>(rows: readonly T[], columns: Columns<T>, paint: Paint): string[] {
  const headings = Object.keys(columns);
  const cells = rows.map((row) => Object.values(columns).map((cell) => cell(row)));
  const widths = headings.map((heading, column) =>
    Math.max(width(heading), ...cells.map((line) => width(line[column] ?? ''))),
  );
  return [headings.map((heading) => paint('bold', heading)), ...cells].map((line) => align(line, widths));
}

/** Formats `Name:   value` lines with aligned values; skips missing ones. */
export function fields(values: Readonly<Record<string, string | undefined>>, paint: Paint): string[] {
  const present = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const longest = Math.max(0, ...present.map(([name]) => width(name)));
  const indent = `\n${' '.repeat(longest + 3)}`;
  return present.map(([name, value]) => {
    const gap = ' '.repeat(longest - width(name) + 2);
    return `${paint('blue', `${name}:`)}${gap}${value.split('\n').join(indent)}`;
  });
}

/** `=== shop Config Vars`. */
export function heading(text: string, paint: Paint): string {
  return `${paint('dim', '===')} ${paint('bold', text)}`;
}

function align(line: readonly string[], widths: readonly number[]): string {
  return line
    .map((cell, column) => (column === line.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell))))
    .join('  ')
    .trimEnd();
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const PICTOGRAPH = /\p{Extended_Pictographic}/u;

/** Terminal columns of a text: wide characters count twice, combining marks not at all. */
function width(text: string): number {
  let columns = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (/\p{Mark}/u.test(character)) continue;
    columns += WIDE.test(character) || PICTOGRAPH.test(character) ? 2 : 1;
  }
  return columns;
}
