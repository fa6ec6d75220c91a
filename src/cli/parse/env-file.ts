import { fail } from '#errors';
import { shellWord } from '#values/shell.ts';

const KEY = /^[A-Za-z_]\w*$/;

/** Formats `KEY='value'` lines, as read by `config:edit` and `--from-env`. */
export function formatEnv(vars: Readonly<Record<string, string>>): string {
  return Object.entries(vars)
    .map(([key, value]) => `${key}=${value === '' ? '' : shellWord(value)}\n`)
    .join('');
}

/**
 * Parses KEY=VALUE lines like a shell: quotes, backslashes, comments, `export`, multi-line quoted values. Nothing is
 * expanded: `$HOME` stays as it is. Throws ENV_LINE_INVALID with the line number.
 */
export function parseEnv(text: string, where: string): Record<string, string> {
  return new EnvReader(text.replaceAll('\r\n', '\n'), where).read();
}

/**
 * Parses a KEY=VALUE argument: the value is everything after the first `=`, verbatim. Throws TEXT_INVALID for U+FFFD,
 * which Node puts in the place of bytes of an argument that are not UTF-8.
 */
export function parseAssignment(text: string): readonly [string, string] {
  const index = text.indexOf('=');
  if (index < 1) throw fail('ENV_LINE_INVALID', { where: 'An argument', text });
  if (text.includes('\uFFFD')) throw fail('TEXT_INVALID', { where: `The value of ${text.slice(0, index)}` });
  return [text.slice(0, index), text.slice(index + 1)];
}

class EnvReader {
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly where: string,
  ) {}

  read(): Record<string, string> {
    const vars: [string, string][] = [];
    while (this.#at < this.text.length) {
      const start = this.#at;
      const line = this.#line();
      if (/^\s*(#.*)?$/.test(line)) this.#at = start + line.length + 1;
      else vars.push(this.#assignment(line, start));
    }
    return Object.fromEntries(vars);
  }

  #assignment(line: string, start: number): [string, string] {
    const [head = '', key = ''] = /^\s*(?:export\s+)?([^\s=]+)\s*=[ \t]*/.exec(line) ?? [];
    if (!KEY.test(key)) throw this.#broken(start);
    this.#at = start + head.length;
    const value = this.#value(start);
    this.#at += this.#line().length + 1;
    return [key, value];
  }

  /** Adjacent quoted and unquoted pieces form one value; an unquoted one may contain spaces, as in env files. */
  #value(start: number): string {
    let value = '';
    let quoted = 0;
    for (;;) {
      const character = this.text[this.#at];
      if (character === "'" || character === '"') {
        value += character === '"' ? this.#double(start) : this.#single(start);
        quoted = value.length;
      } else if (
        character === undefined ||
        character === '\n' ||
        (/[ \t]/.test(character) && /^[ \t]*(#|$)/.test(this.#line()))
      ) {
        return value.slice(0, quoted) + value.slice(quoted).trimEnd();
      } else {
        value += this.#plain();
      }
    }
  }

  #plain(): string {
    const escaped =
      this.text[this.#at] === '\\' && this.text[this.#at + 1] !== undefined && this.text[this.#at + 1] !== '\n';
    this.#at += escaped ? 2 : 1;
    return this.text[this.#at - 1] ?? '';
  }

  #single(start: number): string {
    const end = this.text.indexOf("'", this.#at + 1);
    if (end === -1) throw this.#broken(start);
    const value = this.text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return value;
  }

  #double(start: number): string {
    const closed = /"((?:[^"\\]|\\[\s\S])*)"/y;
    closed.lastIndex = this.#at;
    const match = closed.exec(this.text);
    if (!match) throw this.#broken(start);
    this.#at += match[0].length;
    const meanings: Record<string, string> = { n: '\n', t: '\t', r: '\r' };
    return (match[1] ?? '').replace(
      /\\([\s\S])/g,
      (_pair, next: string) => meanings[next] ?? (/["\\$`\n]/.test(next) ? next.replace('\n', '') : `\\${next}`),
    );
  }

  #line(): string {
    const end = this.text.indexOf('\n', this.#at);
    return this.text.slice(this.#at, end === -1 ? undefined : end);
  }

  #broken(start: number): Error {
    const number = this.text.slice(0, start).split('\n').length;
    // The line may contain a secret: only its name is repeated.
    const line = this.text.slice(start).split('\n', 1)[0] ?? '';
    return fail('ENV_LINE_INVALID', { where: `${this.where}, line ${number},`, text: line.replace(/=[\s\S]*/, '=…') });
  }
}
