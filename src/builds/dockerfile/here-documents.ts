import { fail } from '#errors';
import { isSpace } from './words.ts';

/** `<<EOF` and the lines up to `EOF`: https://docs.docker.com/reference/dockerfile/#here-documents. */
export interface HereDocument {
  /** The file's name in COPY and ADD. */
  readonly name: string;
  /** `<<-`: leading tabs are removed. */
  readonly stripTabs: boolean;
}

/** Instructions that can have here-documents. */
const HOSTS = new Set(['RUN', 'COPY', 'ADD']);
const WORD = /^\d*<<(-?)([^<]+)$/;
/** A name, perhaps in quotes, as everyone writes it. */
const NAME = /^(?:(\w[\w.-]*)|"(\w[\w.-]*)"|'(\w[\w.-]*)')$/;
const SIMPLE_VARIABLES = /\$\{[A-Za-z_]\w*\}/g;
const JSON_LIST = /^\[[ \t\r\n]*(?:"(?:[^"\\]|\\.)*"[ \t\r\n]*(?:,[ \t\r\n]*"(?:[^"\\]|\\.)*"[ \t\r\n]*)*)?\]/;

/**
 * Returns the here-documents that an instruction announces. `text` is the whole instruction, with its continuation
 * lines. Throws DOCKERFILE_INVALID where Docker and Buildah may disagree whether there is one.
 */
export function hereDocuments(name: string, rest: string, text: string, line: number): HereDocument[] {
  if (!HOSTS.has(name) || !text.includes('<<') || jsonList(rest)) return [];
  // Docker's and Buildah's parsers read quotes in braces differently from shells.
  if (text.replace(SIMPLE_VARIABLES, '').includes('${'))
    throw invalid(line, 'it has both << and a variable in braces with an operator; use two instructions');
  return (unquotedWords(text) ?? []).flatMap((word) => {
    const [, dash, quoted] = WORD.exec(word) ?? [];
    if (quoted === undefined) return [];
    const found = NAME.exec(quoted);
    if (!found) throw invalid(line, `"${word.slice(0, 40)}" is not a valid here-document`);
    return [{ name: (found[1] ?? found[2] ?? found[3])!, stripTabs: dash === '-' }];
  });
}

/** The strings of a JSON list at the start; undefined if it is none. */
export function jsonList(rest: string): string[] | undefined {
  const list = JSON_LIST.exec(rest)?.[0];
  if (list === undefined) return undefined;
  try {
    return JSON.parse(list) as string[];
  } catch {
    return undefined;
  }
}

export function isTerminator(line: string, { name, stripTabs }: HereDocument): boolean {
  let end = line.length;
  while (line[end - 1] === '\r') end -= 1;
  const text = line.slice(0, end);
  return (stripTabs ? text.replace(/^\t+/, '') : text) === name;
}

/** Splits like the shell, with quotes as they are; undefined if a quote is not closed, as then Docker sees none. */
function unquotedWords(text: string): string[] | undefined {
  const words: string[] = [];
  let start = 0;
  let quote = '';
  for (let at = 0; at <= text.length; at += 1) {
    const char = text[at];
    if (char === undefined || (quote === '' && isSpace(char))) {
      if (at > start) words.push(text.slice(start, at));
      start = at + 1;
    } else if (char === '\\' && quote !== "'") at += 1;
    else if (quote === '' ? char === '"' || char === "'" : char === quote) quote = quote === '' ? char : '';
  }
  return quote === '' ? words : undefined;
}

function invalid(line: number, why: string): Error {
  return fail('DOCKERFILE_INVALID', { line, why });
}
