import { defined } from '#values/defined.ts';

/** Values of variables; undefined if unknown, because an image may set it. */
export type Lookup = (name: string) => string | undefined;

export interface Expanded {
  readonly text: string;
  /** Where in `text` the first unknown value belongs. */
  readonly unknownAt?: number;
}

/** Enough for every path and URL; values that grow with each line stay small. */
const MAX_VALUE = 4096;
const MAX_DEPTH = 20;
const NAME = /^[A-Za-z_]\w*/;
/** `{a}`, `{a:-b}`, `{a:+b}`, `{a:?b}`; `b` may contain variables, but no other braces and no quotes. */
const BRACES = /^\{([A-Za-z_]\w*)(?:(:[-+?])((?:[^{}"'\\$]|\$\{\w+\}|\$\w+(?!\w))*))?\}/;

const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** As Go's `unicode.IsSpace`. */
export function isSpace(char: string | undefined): boolean {
  return char !== undefined && SPACE.test(char);
}

export function trimStart(text: string): string {
  let start = 0;
  while (isSpace(text[start])) start += 1;
  return text.slice(start);
}

export function trim(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1])) end -= 1;
  return trimStart(text.slice(0, end));
}

/** Splits at white space outside quotes. Quotes and escapes stay, as in `parseWords` of Docker's parser. */
export function splitWords(text: string, escape: string): string[] {
  const words: string[] = [];
  let start = -1;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (quote === '' && isSpace(char)) {
      if (start >= 0) words.push(text.slice(start, at));
      start = -1;
      continue;
    }
    if (start < 0) start = at;
    if (char === escape && quote !== "'") at += 1;
    else if (quote === '' ? char === '"' || char === "'" : char === quote) quote = quote === '' ? char : '';
  }
  if (start >= 0) words.push(text.slice(start));
  return words;
}

/**
 * Removes quotes and replaces variables, like `ProcessWord` of Docker's and Buildah's parsers:
 * https://docs.docker.com/reference/dockerfile/#environment-replacement. Undefined for what only some versions
 * understand, such as patterns (`${a%b}`) and quotes in braces.
 */
export function expand(word: string, lookup: Lookup): Expanded | undefined {
  return new Expansion(word, lookup).run();
}

class Expansion {
  #at = 0;
  #text = '';
  #unknownAt: number | undefined;
  #failed = false;

  constructor(
    private readonly word: string,
    private readonly lookup: Lookup,
    private readonly depth = 0,
  ) {}

  run(): Expanded | undefined {
    let quote = '';
    for (; this.#at < this.word.length && this.#text.length < MAX_VALUE && !this.#failed; this.#at += 1) {
      const char = this.word[this.#at]!;
      if (quote === '' ? char === '"' || char === "'" : char === quote) quote = quote === '' ? char : '';
      else if (char === '$' && quote !== "'") this.#variable();
      else if (char === '\\' && quote !== "'") this.#escaped(quote);
      else this.#text += char;
    }
    if (this.#failed || quote !== '') return undefined;
    return { text: this.#text, ...defined({ unknownAt: this.#unknownAt }) };
  }

  /** In double quotes, a backslash only escapes `"`, `$` and itself. */
  #escaped(quote: string): void {
    const next = this.word[this.#at + 1] ?? '';
    if (quote === '"' && !['"', '$', '\\', ''].includes(next)) {
      this.#text += '\\';
      return;
    }
    this.#text += next;
    this.#at += 1;
  }

  /** Stops at the variable's last character. */
  #variable(): void {
    const rest = this.word.slice(this.#at + 1, this.#at + 1 + MAX_VALUE);
    if (rest.startsWith('{')) return this.#braces(rest);
    const name = NAME.exec(rest)?.[0] ?? '';
    if (name === '') this.#text += '$';
    else this.#add(this.lookup(name));
    this.#at += name.length;
  }

  #braces(rest: string): void {
    const found = BRACES.exec(rest);
    if (!found) {
      this.#failed = true;
      return;
    }
    const [, name = '', modifier = '', argument = ''] = found;
    const value = this.lookup(name);
    if (modifier === ':+' ? value : modifier === ':-' && !value) this.#nested(argument);
    else if (modifier !== ':+') this.#add(value);
    this.#at += found[0].length;
  }

  #nested(argument: string): void {
    const inner = this.depth < MAX_DEPTH ? new Expansion(argument, this.lookup, this.depth + 1).run() : undefined;
    if (!inner) this.#failed = true;
    else this.#add(inner.text);
    if (inner?.unknownAt !== undefined) this.#unknownAt ??= this.#text.length;
  }

  #add(value: string | undefined): void {
    if (value === undefined) this.#unknownAt ??= this.#text.length;
    else this.#text += value;
  }
}
