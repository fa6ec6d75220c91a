/** One instruction of a Dockerfile, with its continuation lines. */
export interface Instruction {
  /** In upper case: `RUN`. */
  readonly name: string;
  /** Flags such as `--mount=type=cache,target=/x`, as written. */
  readonly flags: readonly string[];
  /** Everything after the flags, as written. */
  readonly rest: string;
}

interface Dockerfile {
  /** Parser directives such as `# escape=`, as written. */
  readonly directives: readonly string[];
  readonly instructions: readonly Instruction[];
}

const DIRECTIVE = /^#\s*(syntax|escape|check)\s*=\s*(\S+)\s*$/i;

/** Parses a Dockerfile like Docker: drops comments and empty lines, also between the lines of an instruction. */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const after = lines.findIndex((line) => !DIRECTIVE.test(line));
  const directives = lines.slice(0, Math.max(after, 0)).map((line) => line.trim());
  const escape =
    directives.map((line) => DIRECTIVE.exec(line)).find((match) => match?.[1]?.toLowerCase() === 'escape')?.[2] === '`'
      ? '`'
      : '\\';
  const goesOn = new RegExp(`${escape === '`' ? '`' : '\\\\'}[ \\t]*$`);
  const instructions: Instruction[] = [];
  let open: string[] = [];
  for (const line of lines.slice(directives.length)) {
    if (/^\s*(#|$)/.test(line)) continue;
    open.push(line);
    if (goesOn.test(line)) continue;
    instructions.push(instruction(open, escape));
    open = [];
  }
  if (open.length > 0) instructions.push(instruction(open, escape));
  return { directives, instructions };
}

/** Names of the build args that the Dockerfile declares, in any of its stages. */
export function declaredArgs(text: string): ReadonlySet<string> {
  const { instructions } = parseDockerfile(text);
  return new Set(
    instructions
      .flatMap(({ name, rest }) => (name === 'ARG' ? rest.split(/\s+/) : []))
      .map((arg) => arg.split('=')[0]!),
  );
}

/** Formats a Dockerfile; Docker parses it to the same instructions. */
export function dockerfileText({ directives, instructions }: Dockerfile): string {
  const lines = instructions.map(({ name, flags, rest }) => [name, ...flags, rest].join(' '));
  return [...directives, ...lines, ''].join('\n');
}

/** Compiled once: a Dockerfile may have many thousands of instructions. */
const BACKSLASH = syntaxWith('\\\\');
const BACKTICK = syntaxWith('`');

/** The name and the rest of an instruction, and the first flag of that rest. */
function syntaxWith(escape: string): { readonly whole: RegExp; readonly first: RegExp } {
  const gap = `(?:\\s|${escape}[ \\t]*\\n)+`;
  return {
    whole: new RegExp(`^\\s*(\\S+)(?:${gap}([\\s\\S]*))?$`),
    first: new RegExp(`^(--[a-z]+(?:=\\S*)?)(?:${gap}|$)`),
  };
}

/** Flags may be on continuation lines. */
function instruction(lines: readonly string[], escape: string): Instruction {
  const text = lines.join('\n');
  const { whole, first } = escape === '`' ? BACKTICK : BACKSLASH;
  const [, name = '', body = ''] = whole.exec(text) ?? [];
  const flags: string[] = [];
  let rest = body;
  for (;;) {
    const found = first.exec(rest);
    if (!found) return { name: name.toUpperCase(), flags, rest };
    flags.push(found[1]!);
    rest = rest.slice(found[0].length);
  }
}
