import { own } from '#values/own.ts';
import type { CommandClass, CommandSet } from '../program/command-table.ts';
import { resolveCommand } from '../program/resolve-command.ts';

/** A candidate for the word at the cursor, with its description. */
interface Candidate {
  readonly word: string;
  readonly summary: string;
}

/** Names known only to a cluster or the contexts file. */
export type NameKind = 'app' | 'type' | 'process' | 'node' | 'context';

/** Flags typed so far that select the cluster or app. */
interface CompletionContext {
  readonly app?: string;
  readonly context?: string;
}

type FindNames = (kind: NameKind, given: CompletionContext) => Promise<readonly string[]>;

interface Flag {
  readonly type: 'boolean' | 'option';
  readonly char?: string;
  readonly description?: string;
  readonly options?: readonly string[];
  readonly hidden?: boolean;
}
type Flags = Readonly<Record<string, Flag>>;

/** Kinds of names by a flag's or argument's value name. */
const NAMES: ReadonlyMap<string, NameKind> = new Map([
  ['--app', 'app'],
  ['--deploy', 'app'],
  ['--ps', 'process'],
  ['--type', 'type'],
  ['--context', 'context'],
  ['context', 'context'],
  ['node', 'node'],
  ['type', 'type'],
  ['target', 'process'],
]);

/** Shells insert candidates unquoted, so other names are left out. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const MOST = 500;

/** Completes a command line: `words` follow the program's name; the last one, possibly empty, is at the cursor. */
export async function complete(
  words: readonly string[],
  commands: CommandSet,
  findNames: FindNames,
): Promise<Candidate[]> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const forHelp = before[0] === 'help';
  const line = forHelp ? before.slice(1) : before;
  const subcommands = await commandsAfter(line, commands);
  const summaries = await commands.summaries();
  const ids = new Map(summaries.flatMap(({ id, aliases }) => [id, ...aliases].map((name) => [name, id] as const)));
  const found = forHelp ? undefined : resolveCommand(line, new Set(ids.keys()));
  const load = found && commands.table[ids.get(found.id)!];
  const own = load ? await ofCommand((await load()).default, found.argv, typed, findNames) : [];
  return [...subcommands, ...own].filter(({ word }) => word.startsWith(typed)).slice(0, MOST);
}

/** Returns the words that can follow a command's: `set` follows `config`. */
async function commandsAfter(line: readonly string[], { summaries }: CommandSet): Promise<Candidate[]> {
  const prefix = line.map((word) => `${word}:`).join('');
  return (await summaries())
    .filter(({ hidden }) => !hidden)
    .flatMap(({ id, aliases, summary }) => [id, ...aliases].map((name) => ({ word: name, summary })))
    .filter(({ word }) => word.startsWith(prefix))
    .map(({ word, summary }) => ({ word: word.slice(prefix.length), summary }));
}

async function ofCommand(
  command: CommandClass,
  argv: readonly string[],
  typed: string,
  findNames: FindNames,
): Promise<Candidate[]> {
  const flags = { ...command.flags, ...command.baseFlags } as Flags;
  const { values, positionals, pending, ended } = read(argv, flags);
  if (ended || (command.passesThrough && positionals > 0)) return [];
  const names = async (kind: NameKind | undefined): Promise<string[]> => {
    // An error message would disrupt the command line.
    const found = kind ? await findNames(kind, values).catch(() => []) : [];
    return [...new Set(found)].filter((name: unknown) => typeof name === 'string' && PLAIN.test(name));
  };
  const flagValues = async (name: string): Promise<readonly string[]> =>
    own(flags, name)?.options ?? names(NAMES.get(`--${name}`));

  if (pending) return plain(await flagValues(pending));
  const [, inline] = /^--([a-z-]+)=/.exec(typed) ?? [];
  if (inline) return plain((await flagValues(inline)).map((value) => `--${inline}=${value}`));
  if (typed.startsWith('-')) return flagCandidates(flags);
  // Arguments such as web=2 have no name of their own.
  if (command.usage?.includes('[TYPE=')) return plain((await names('type')).map((type) => `${type}=`));
  const [name = '', arg] = Object.entries(command.args)[positionals] ?? [];
  return plain(arg?.options ?? (await names(NAMES.get(name))));
}

/** Parses the words before the cursor: values of flags, the number of arguments, a flag that still needs its value. */
function read(argv: readonly string[], flags: Flags) {
  const values: { app?: string; context?: string } = {};
  const keep = (flag: string, value: string): void => {
    if (flag === 'app' || flag === 'context') values[flag] = value;
  };
  let positionals = 0;
  let pending: string | undefined;
  for (const word of argv) {
    const [, inline, value = ''] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (pending !== undefined) {
      keep(pending, word);
      pending = undefined;
    } else if (word === '--') return { values, positionals, pending, ended: true };
    else if (inline) keep(inline, value);
    else if (word.startsWith('-')) pending = flagWithValue(word, flags);
    else positionals++;
  }
  return { values, positionals, pending, ended: false };
}

function flagWithValue(word: string, flags: Flags): string | undefined {
  const found = Object.entries(flags).find(([name, { char }]) => word === `--${name}` || word === `-${char}`);
  return found?.[1].type === 'option' ? found[0] : undefined;
}

function flagCandidates(flags: Flags): Candidate[] {
  return Object.entries(flags)
    .filter(([, { hidden }]) => !hidden)
    .map(([name, { description = '' }]) => ({ word: `--${name}`, summary: description }));
}

const plain = (words: readonly string[]): Candidate[] => words.map((word) => ({ word, summary: '' }));
