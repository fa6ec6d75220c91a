import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandClass } from '../../src/cli/program/command-table.ts';
import { commandTable } from '../../src/commands/index.ts';

/** Options that errors and help name but no command has: of Dockerfile instructions, an editor's, git's, and our own. */
const FOREIGN = new Set(['--mount', '--link', '--wait', '--version', '--init', '--recursive']);

/** Commands whose first word is a program, with options of its own. */
const RUNNERS = /^(run|run:detached|ps:exec|exec)$/;

interface Known {
  readonly command: CommandClass;
  readonly flags: ReadonlySet<string>;
}

/** Commands by id and alias, with their options. */
async function knownCommands(): Promise<Map<string, Known>> {
  const known = new Map<string, Known>();
  for (const [id, load] of Object.entries(commandTable)) {
    const { default: command } = await load();
    const all = { ...command.baseFlags, ...command.flags } as Record<string, { char?: string; aliases?: string[] }>;
    const flags = Object.entries(all).flatMap(([name, { char, aliases = [] }]) => [
      ...[name, `no-${name}`, ...aliases].map((each) => `--${each}`),
      ...(char ? [`-${char}`] : []),
    ]);
    for (const name of [id, ...command.aliases]) known.set(name, { command, flags: new Set(['--help', ...flags]) });
  }
  return known;
}

/** Command lines in backticks and in indented or fenced blocks, up to a pipe, a comment or the program to run. */
function linesOf(text: string): string[] {
  const spans = [...text.matchAll(/`(mothership [^`\n]*)`/g)].map(([, line]) => line!);
  const blocks = [...text.matchAll(/^(?: {4}|\$ )?(mothership [^`\n]*)$/gm)].map(([, line]) => line!);
  return [...spans, ...blocks].map((line) => line.split(/\s(?:--|[|&;#>]\S*)(?:\s|$)|\\$/)[0]!.trim());
}

/** What is wrong with a command line, or undefined. */
function problemOf(line: string, known: ReadonlyMap<string, Known>): string | undefined {
  const [, name = '', ...rest] = line.split(/\s+/);
  if (!/^[a-z][a-z:-]*$/.test(name) || name === 'help') return undefined;
  const found = known.get(name);
  if (!found) return `${line}: there is no command ${name}`;
  const program = RUNNERS.test(name) ? rest.findIndex((word) => !word.startsWith('-')) : -1;
  const words = program < 0 ? rest : rest.slice(0, program);
  const flag = words
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.replace(/[=,.\])].*$/, ''))
    .find((word) => !found.flags.has(word));
  return flag && `${line}: ${name} has no option ${flag}`;
}

async function textsIn(folder: string, ending: string): Promise<[file: string, text: string][]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending));
  return Promise.all(
    names.map(async (name) => [join(folder, name), await readFile(join(folder, name), 'utf8')] as const),
  ) as Promise<[string, string][]>;
}

describe('texts that name commands and options', () => {
  let known: Map<string, Known>;
  let texts: [name: string, text: string][];

  before(async () => {
    known = await knownCommands();
    const help = [...known].map(([id, { command }]): [string, string] => [
      `help of ${id}`,
      [command.summary, command.description, ...((command.examples ?? []) as string[])].join('\n'),
    ]);
    texts = [
      ...(await textsIn('src/errors/catalogue', '.ts')),
      ...(await textsIn('docs', '.md')),
      ['README.md', await readFile('README.md', 'utf8')],
      ...help,
    ];
  });

  it('name commands that exist, with options that they have', () => {
    const problems = texts.flatMap(([file, text]) =>
      linesOf(text).flatMap((line) => {
        const problem = problemOf(line, known);
        return problem ? [`${file}: ${problem}`] : [];
      }),
    );
    expect(problems).to.deep.equal([]);
  });

  it('name no option in an error or in help that no command has', () => {
    const all = new Set([...known.values()].flatMap(({ flags }) => [...flags]));
    const problems = texts
      .filter(([file]) => file.startsWith('src/errors') || file.startsWith('help of'))
      .flatMap(([file, text]) =>
        [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)]
          .map(([flag]) => flag)
          .filter((flag) => !all.has(flag) && !FOREIGN.has(flag))
          .map((flag) => `${file}: ${flag}`),
      );
    expect(problems).to.deep.equal([]);
  });

  it('are found out when they name what does not exist', () => {
    const lines = linesOf('See `mothership cluster:logs`, or:\n\n    mothership setup --zones a,b  # three\n');
    expect(lines.map((line) => problemOf(line, known))).to.deep.equal([
      'mothership cluster:logs: there is no command cluster:logs',
      'mothership setup --zones a,b: setup has no option --zones',
    ]);
  });
});
