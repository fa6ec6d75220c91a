import type { Config } from '@oclif/core/config';
import type { Command } from '@oclif/core/command';
import type { Io } from './io.ts';

/** What a command is constructed with. */
export interface CliConfig {
  readonly io: Io;
  readonly commands: CommandSet;
  readonly version: string;
  readonly userAgent: string;
  readonly oclif: Config;
}

/** A runnable command: `BaseCommand` of `cli/command` by its shape. */
export interface RunnableCommand {
  execute(): Promise<void>;
}

export interface CommandClass extends Pick<
  typeof Command,
  'aliases' | 'args' | 'baseFlags' | 'description' | 'examples' | 'flags' | 'hidden' | 'strict' | 'summary' | 'usage'
> {
  new (argv: string[], config: CliConfig): RunnableCommand;
  id: string;
  /** Arguments after the first belong to another program, e.g. to that of `run`. */
  readonly passesThrough: boolean;
}

/** Commands by id (`config:set`); a command's code is loaded when it runs. */
export type CommandTable = Readonly<Record<string, () => Promise<{ default: CommandClass }>>>;

/** What lists of commands show of a command, so that help does not load them all. Generated when the CLI is built. */
export interface CommandSummary {
  readonly id: string;
  readonly summary: string;
  readonly aliases: readonly string[];
  readonly hidden: boolean;
}

export interface CommandSet {
  readonly table: CommandTable;
  /** Descriptions of topics, for help. */
  readonly topics: Readonly<Record<string, string>>;
  summaries(): Promise<readonly CommandSummary[]>;
}

/** Loads every command; used by the build, and by an unbuilt checkout. */
export async function summarize(table: CommandTable): Promise<CommandSummary[]> {
  const all = Object.entries(table).map(async ([id, load]): Promise<CommandSummary> => {
    const { default: command } = await load();
    return { id, summary: command.summary ?? '', aliases: command.aliases, hidden: command.hidden };
  });
  return Promise.all(all);
}
