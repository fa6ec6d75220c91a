import { fail } from '#errors';
import { createCliConfig } from './cli-config.ts';
import type { CliConfig, CommandClass, CommandSet, RunnableCommand } from './command-table.ts';
import { toMothershipError, writeError } from './error-output.ts';
import { ExitStatus } from './exit-status.ts';
import type { Help } from './help.ts';
import type { Io } from './io.ts';
import { resolveCommand, resolveTopic, unknownCommand } from './resolve-command.ts';

/** Runs one command line and returns the process's exit code. Never throws. */
export async function main(argv: readonly string[], io: Io, commands: CommandSet, version: string): Promise<number> {
  const json = isJson(argv);
  try {
    await dispatch(argv, createCliConfig(io, commands, version));
    return 0;
  } catch (error) {
    if (error instanceof ExitStatus) return error.code;
    const shown = toMothershipError(error, '');
    writeError(shown, io, json);
    return shown.exit;
  }
}

async function dispatch(argv: readonly string[], config: CliConfig): Promise<void> {
  const { io, commands } = config;
  const write = (text: string): void => void io.stdout.write(`${text}\n`);
  const [first] = argv;
  if (first === '--version' || first === '-v') return write(config.userAgent);
  const asked = first === 'help' ? [...argv.slice(1).filter((word) => word !== 'help'), '--help'] : argv;
  if (asked.length === 0 || asked[0] === '--help' || asked[0] === '-h') return write(await (await help(config)).root());

  const ids = await commandIds(commands);
  const resolved = resolveCommand(asked, new Set(ids.keys()));
  if (resolved) {
    const id = ids.get(resolved.id) ?? resolved.id;
    const { default: command } = await commands.table[id]!();
    if (wantsHelp(resolved.argv, command)) return write(await (await help(config)).command(id, command));
    command.id = id;
    return run(new command([...resolved.argv], config), id);
  }
  const topic = resolveTopic(asked, Object.keys(commands.topics));
  if (topic) return write(await (await help(config)).topic(topic));
  if (asked[0]?.startsWith('-'))
    throw fail('USAGE_INVALID', { why: `Unknown flag before the command: ${asked[0]}`, command: '' });
  throw unknownCommand(asked, [...ids.keys()], Object.keys(commands.topics));
}

async function run(command: RunnableCommand, id: string): Promise<void> {
  try {
    await command.execute();
  } catch (error) {
    throw error instanceof ExitStatus ? error : toMothershipError(error, id);
  }
}

async function help(config: CliConfig): Promise<Help> {
  const { Help } = await import('./help.ts');
  return new Help(config);
}

/** Maps ids and aliases to ids. */
async function commandIds({ table, summaries }: CommandSet): Promise<Map<string, string>> {
  const aliases = (await summaries()).flatMap((command) =>
    command.aliases.map((alias) => [alias, command.id] as const),
  );
  return new Map([...Object.keys(table).map((id) => [id, id] as const), ...aliases]);
}

function wantsHelp(argv: readonly string[], command: CommandClass): boolean {
  const own = ownArguments(argv, command.passesThrough);
  return own.includes('--help') || own.includes('-h');
}

/** Arguments for us: up to `--`, and only up to the first word if the command passes the rest on. */
function ownArguments(argv: readonly string[], passesThrough: boolean): readonly string[] {
  const end = argv.findIndex((word) => word === '--' || (passesThrough && !word.startsWith('-')));
  return end === -1 ? argv : argv.slice(0, end);
}

function isJson(argv: readonly string[]): boolean {
  return ownArguments(argv, false).includes('--json');
}
