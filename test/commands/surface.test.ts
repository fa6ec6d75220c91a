import { expect } from 'chai';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandClass } from '../../src/cli/program/command-table.ts';
import { commandTable, topics } from '../../src/commands/index.ts';

const GOLDEN = 'test/golden/commands.txt';

interface Described {
  readonly id: string;
  readonly command: CommandClass;
  readonly flags: Record<
    string,
    { char?: string; aliases?: string[]; charAliases?: string[]; description?: string; type: string; hidden?: boolean }
  >;
}

async function describeAll(): Promise<Described[]> {
  const all = Object.entries(commandTable)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(async ([id, load]) => {
      const { default: command } = await load();
      return { id, command, flags: { ...command.flags, ...command.baseFlags } as Described['flags'] };
    });
  return Promise.all(all);
}

/** A line for each command, argument and flag, so that a review shows every change of the surface. */
function tree(commands: readonly Described[]): string {
  return (
    commands
      .map(({ id, command, flags }) => {
        const aliases = command.aliases.length > 0 ? ` (also ${command.aliases.join(', ')})` : '';
        const args = Object.entries(command.args).map(
          ([name, { required }]) =>
            `  ${required ? name.toUpperCase() : `[${name.toUpperCase()}]`}${command.strict ? '' : '...'}`,
        );
        const named = Object.entries(flags)
          .filter(([name]) => !['json', 'context'].includes(name))
          .sort(([a], [b]) => (a < b ? -1 : 1));
        return [
          `${id}${aliases}`,
          ...args,
          ...named.map(
            ([name, flag]) => `  --${name}${flag.char ? ` -${flag.char}` : ''}${flag.type === 'option' ? '=' : ''}`,
          ),
        ].join('\n');
      })
      .join('\n') + '\n'
  );
}

describe('the commands', () => {
  let commands: Described[];
  before(async () => {
    commands = await describeAll();
  });

  it('are the files of src/commands', async () => {
    const files = (await readdir('src/commands', { recursive: true })).filter(
      (file) => file.endsWith('.ts') && file !== 'index.ts',
    );
    const ids = files.map((file) => file.replace(/(\/index)?\.ts$/, '').replaceAll('/', ':'));
    expect(Object.keys(commandTable).sort()).to.deep.equal(ids.sort());
  });

  it('are the golden tree (UPDATE_GOLDEN=1 writes it)', async () => {
    if (process.env['UPDATE_GOLDEN']) await writeFile(GOLDEN, tree(commands));
    expect(tree(commands)).to.equal(await readFile(GOLDEN, 'utf8'));
  });

  it("all tell what they do, with examples that begin with the program's name and name the command", () => {
    for (const { id, command } of commands) {
      const names = [id, ...command.aliases].flatMap((name) => [name, name.replaceAll(':', ' ')]);
      expect(command.summary, `${id} summary`).to.match(/^[A-Z].*[^.]$/);
      expect(command.description, `${id} description`).to.match(/^[A-Z].*\.$/s);
      expect(command.examples.length, `${id} examples`).to.be.at.least(1);
      for (const example of command.examples as string[]) {
        expect(
          names.some((name) => new RegExp(`\\bmothership ${name}( |$)`).test(example)),
          `${id}: ${example}`,
        ).to.equal(true);
      }
    }
  });

  it('all take --json and --context', () => {
    for (const { id, flags } of commands) expect(flags, id).to.include.keys('json', 'context');
  });

  it('have no two flags, letters, ids or aliases that clash', () => {
    for (const { id, flags } of commands) {
      const names = Object.entries(flags).flatMap(([name, flag]) => [name, ...(flag.aliases ?? [])]);
      const letters = Object.values(flags).flatMap((flag) => [
        ...(flag.char ? [flag.char] : []),
        ...(flag.charAliases ?? []),
      ]);
      expect(names, id).to.deep.equal([...new Set(names)]);
      expect(letters, id).to.deep.equal([...new Set(letters)]);
      expect(letters, `${id} leaves -h to help`).to.not.include('h');
    }
    const ids = commands.flatMap(({ id, command }) => [id, ...command.aliases]);
    expect(ids).to.deep.equal([...new Set(ids)]);
  });

  it('describe every flag and argument', () => {
    for (const { id, command, flags } of commands) {
      for (const [name, flag] of Object.entries(flags))
        expect(flag.description, `${id} --${name}`).to.be.a('string').and.not.equal('');
      for (const [name, arg] of Object.entries(command.args))
        expect(arg.description, `${id} ${name}`).to.be.a('string').and.not.equal('');
    }
  });

  it('never read a missing argument from stdin, which belongs to the program run', () => {
    for (const { id, command } of commands)
      for (const [name, arg] of Object.entries(command.args)) expect(arg.ignoreStdin, `${id} ${name}`).to.equal(true);
  });

  it('all belong to a topic that help describes', () => {
    const named = new Set(commands.flatMap(({ id }) => (id.includes(':') ? [id.split(':')[0]!] : [])));
    expect(Object.keys(topics).sort()).to.deep.equal([...named].sort());
  });

  it('that destroy things take --confirm', () => {
    for (const { id, flags } of commands)
      if (/:(destroy|clear)$/.test(id)) expect(flags, id).to.include.keys('confirm');
  });

  it('have a run() that parses, calls and renders: at most 20 lines in the middle, never over 60', async () => {
    const lengths = await Promise.all(
      commands.map(async ({ id }) => {
        const path = join('src/commands', id.replaceAll(':', '/'));
        const text = await readFile(`${path}.ts`, 'utf8').catch(() => readFile(join(path, 'index.ts'), 'utf8'));
        return (
          text
            .slice(text.indexOf('async run()'))
            .split('\n')
            .findIndex((line) => line === '  }') + 1
        );
      }),
    );
    lengths.sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).to.be.at.most(20);
    expect(lengths.at(-1)).to.be.at.most(60);
  });
});
