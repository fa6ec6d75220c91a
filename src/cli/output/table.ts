import { clean, type Paint, type Style } from './text.ts';

/** A cell's text, or its style and text. */
type Cell = string | readonly [Style, string];
type Columns<T> = Readonly<Record<string, (row: T) => Cell>>;

/** Formats aligned columns with headings and no borders. Cleans every cell. */
export function table<T>(rows: readonly T[], columns: Columns<T>, paint: Paint): string[] {
  const headings = Object.keys(columns).map((heading): Cell => ['bold', heading]);
  const lines = [headings, ...rows.map((row) => Object.values(columns).map((cell) => cell(row)))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => width(textOf(line[column] ?? '')))));
  return lines.map((line) => align(line, widths, paint));
}

/** Formats `Name:   value` lines with aligned values; skips missing ones. Cleans every line of the values. */
export function fields(values: Readonly<Record<string, string | undefined>>, paint: Paint): string[] {
  const present = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const longest = Math.max(0, ...present.map(([name]) => width(name)));
  const indent = ' '.repeat(longest + 3);
  return present.flatMap(([name, value]) => {
    const gap = ' '.repeat(longest - width(name) + 2);
    const [first = '', ...others] = value.split('\n').map(clean);
    return [`${paint('blue', `${name}:`)}${gap}${first}`, ...others.map((line) => indent + line)];
  });
}

/** `=== shop Config Vars`. */
export function heading(text: string, paint: Paint): string {
  return `${paint('dim', '===')} ${paint('bold', text)}`;
}

function align(line: readonly Cell[], widths: readonly number[], paint: Paint): string {
  return line
    .map((cell, column) => {
      const text = textOf(cell);
      const gap = column === line.length - 1 ? 0 : (widths[column] ?? 0) - width(text);
      return (typeof cell === 'string' ? text : paint(cell[0], text)) + ' '.repeat(gap);
    })
    .join('  ')
    .trimEnd();
}

function textOf(cell: Cell): string {
  return clean(typeof cell === 'string' ? cell : cell[1]).replaceAll('\t', ' ');
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const PICTOGRAPH = /\p{Extended_Pictographic}/u;

/** Terminal columns of a clean text: wide characters count twice, combining marks not at all. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    columns += WIDE.test(character) || PICTOGRAPH.test(character) ? 2 : 1;
  }
  return columns;
}
