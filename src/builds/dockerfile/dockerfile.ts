import { fail } from '#errors';
import { hereDocuments, isTerminator, type HereDocument } from './here-documents.ts';
import { isSpace, splitWords, trim, trimStart } from './words.ts';

/** One instruction of a Dockerfile, with its continuation lines. */
export interface Instruction {
  /** In upper case: `RUN`. */
  readonly name: string;
  /** Number of its first line, from 1. */
  readonly line: number;
  /** Flags such as `--mount=type=cache,target=/x`, without their quotes. */
  readonly flags: readonly string[];
  /** Everything after the flags, on one line. */
  readonly rest: string;
  readonly hereDocuments: readonly HereDocument[];
}

export interface Dockerfile {
  /** Parser directives such as `# escape=`, as written. */
  readonly directives: readonly string[];
  readonly escape: '\\' | '`';
  readonly instructions: readonly Instruction[];
}

interface Parsing {
  readonly lines: readonly string[];
  readonly escape: '\\' | '`';
  /** Index of the next line. */
  at: number;
}

/** Those that BuildKit knows; another one is a comment and ends the directives. */
const DIRECTIVE = /^#[ \t]*(syntax|escape|check)[ \t]*=[ \t]*(\S+)[ \t]*$/i;
const ESCAPE = /^#[ \t]*escape[ \t]*=[ \t]*(.)/i;
const CONTINUES = { '\\': /\\[ \t]*$/, '`': /`[ \t]*$/ };
/** Far more than an image can have layers. */
const MAX_INSTRUCTIONS = 5000;
/** Between an instruction's name and the rest. */
const GAP = /[\t\v\f\r ]+/;

/**
 * Parses a Dockerfile in linear time, like Docker's parser and the one of Buildah 1.39, which is a copy:
 * https://github.com/openshift/imagebuilder/blob/v1.2.15/dockerfile/parser/parser.go. Drops comments and empty lines,
 * also between the lines of an instruction. Throws DOCKERFILE_INVALID.
 */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const { directives, escape } = readDirectives(lines);
  const parsing: Parsing = { lines, escape, at: 0 };
  const instructions: Instruction[] = [];
  while (parsing.at < lines.length) {
    const line = parsing.at + 1;
    const joined = trim(nextLine(parsing));
    if (joined !== '') instructions.push(nextInstruction(joined, line, parsing));
    if (instructions.length > MAX_INSTRUCTIONS)
      throw fail('DOCKERFILE_INVALID', { line, why: `it has more than ${MAX_INSTRUCTIONS} instructions` });
  }
  return { directives, escape, instructions };
}

/** Parses the instruction after ONBUILD. */
export function triggerOf({ name, rest, line }: Instruction): Instruction | undefined {
  return name === 'ONBUILD' ? { ...splitInstruction(rest), line, hereDocuments: [] } : undefined;
}

/** Names of the build args that the Dockerfile declares, in any of its stages. */
export function declaredArgs({ instructions, escape }: Dockerfile): ReadonlySet<string> {
  return new Set(
    instructions
      .flatMap(({ name, rest }) => (name === 'ARG' ? splitWords(rest, escape) : []))
      .map((arg) => arg.split('=', 1)[0]!),
  );
}

/**
 * Removes `--link` from COPY and ADD, which Buildah 1.39 does not know: it decides how layers are cached, not what they
 * contain. Undefined if there is none. The number of lines stays.
 */
export function withoutLink(text: string, { instructions } = parseDockerfile(text)): string | undefined {
  const lines = text.split('\n');
  const linked = instructions.filter(({ name, flags }) => (name === 'COPY' || name === 'ADD') && flags.some(isLink));
  if (linked.length === 0) return undefined;
  for (const { line, flags } of linked) {
    let left = flags.filter(isLink).length;
    for (let at = line - 1; left > 0 && at < lines.length; at += 1) {
      if (trimStart(lines[at]!).startsWith('#')) continue;
      lines[at] = lines[at]!.replace(/(^|[ \t])--link(?:=true)?(?=[ \t\r]|$)/g, (found, before: string) =>
        left-- > 0 ? before : found,
      );
    }
  }
  return lines.join('\n');
}

export function isLink(flag: string): boolean {
  return flag === '--link' || flag === '--link=true';
}

/** Buildah only reads `# escape=` on the first line; elsewhere it would split instructions differently. */
function readDirectives(lines: readonly string[]): Pick<Dockerfile, 'directives' | 'escape'> {
  const after = lines.findIndex((line) => !DIRECTIVE.test(line));
  const directives = lines.slice(0, Math.max(after, 0)).map((line) => line.trim());
  const invalid = (line: number, why: string): Error => fail('DOCKERFILE_INVALID', { line, why });
  const escapes = directives.flatMap((directive, index) => (ESCAPE.test(directive) ? [index] : []));
  if (escapes.length > 1) throw invalid(escapes[1]! + 1, 'there is a second escape directive');
  const value = ESCAPE.exec(trimStart(lines[0] ?? ''))?.[1] ?? '\\';
  if (value !== '\\' && value !== '`') throw invalid(1, 'the escape directive must be \\ or `');
  const late = escapes.find((index) => index > 0);
  if (late !== undefined && !/=[ \t]*\\/.test(directives[late]!))
    throw invalid(late + 1, 'the escape directive must be on the first line');
  return { directives, escape: value };
}

/** Returns the next line joined with its continuation lines; an empty one for comments. */
function nextLine(parsing: Parsing): string {
  const first = trimStart(parsing.lines[parsing.at]!);
  parsing.at += 1;
  if (first.startsWith('#')) return '';
  let end = first.search(CONTINUES[parsing.escape]);
  if (end < 0) return first;
  const parts = [first.slice(0, end)];
  while (end >= 0 && parsing.at < parsing.lines.length) {
    const line = parsing.lines[parsing.at]!;
    parsing.at += 1;
    const content = trimStart(line);
    if (content === '' || content.startsWith('#')) continue;
    end = line.search(CONTINUES[parsing.escape]);
    parts.push(end < 0 ? line : line.slice(0, end));
  }
  return parts.join('');
}

function nextInstruction(text: string, line: number, parsing: Parsing): Instruction {
  const plain = splitInstruction(text);
  const host = plain.name === 'ONBUILD' ? splitInstruction(plain.rest) : plain;
  const documents = hereDocuments(host.name, host.rest, text, line);
  for (const document of documents) {
    while (parsing.at < parsing.lines.length && !isTerminator(parsing.lines[parsing.at]!, document)) parsing.at += 1;
    if (parsing.at === parsing.lines.length)
      throw fail('DOCKERFILE_INVALID', { line, why: `the here-document ${document.name} does not end` });
    parsing.at += 1;
  }
  return { ...plain, line, hereDocuments: documents };
}

function splitInstruction(text: string): Pick<Instruction, 'name' | 'flags' | 'rest'> {
  const gap = GAP.exec(text);
  const name = (gap ? text.slice(0, gap.index) : text).toUpperCase();
  const { flags, end } = readFlags(gap ? text.slice(gap.index + gap[0].length) : '');
  return { name, flags, rest: trim(end) };
}

/** Flags may be in quotes, and `--` ends them. */
function readFlags(text: string): { flags: string[]; end: string } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (isSpace(text[at])) at += 1;
    if (!text.startsWith('--', at)) return { flags, end: text.slice(at) };
    let quote = '';
    let word = '';
    for (; at < text.length && !(quote === '' && isSpace(text[at])); at += 1) {
      const char = text[at]!;
      if (char === '\\') word += text[(at += 1)] ?? '';
      else if (quote === '' ? char === '"' || char === "'" : char === quote) quote = quote === '' ? char : '';
      else word += char;
    }
    if (word === '--') return { flags, end: text.slice(at) };
    flags.push(word);
  }
}
