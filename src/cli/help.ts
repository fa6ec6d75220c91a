import type { Command } from '@oclif/core/command';
import { CommandHelp } from '@oclif/core/help';
import type { CliConfig } from './cli-config.ts';
import type { CommandClass, CommandSummary } from './command-table.ts';

const EXIT_CODES = { 0: 'it worked', 1: 'it failed', 2: 'it was asked for wrongly; nothing was done', 3: 'some of it worked', 4: 'it goes on without this terminal', 130: 'it was cancelled' };

/** Texts of help, in the shape oclif and Heroku's CLI give them. */
export class Help {
  readonly #config: CliConfig;
  readonly #width: number;

  constructor(config: CliConfig) {
    this.#config = config;
    this.#width = Math.min(config.io.stdout.columns ?? 100, 120);
  }

  async root(): Promise<string> {
    const visible = (await this.#config.commands.summaries()).filter((command) => !command.hidden);
    const topics = Object.entries(this.#config.commands.topics).map(([name, description]) => [name, description] as const);
    const inTopics = new Set(topics.map(([name]) => name));
    const single = visible.filter(({ id }) => !id.includes(':') && !inTopics.has(id)).map(({ id, summary }) => [id, summary] as const);
    return [
      'A Heroku-like platform for your own machines: deploy apps to a Docker Swarm from the command line.',
      `VERSION\n  ${this.#config.userAgent}`,
      'USAGE\n  $ mothership COMMAND',
      `TOPICS\n${list(topics)}`,
      `COMMANDS\n${list(single)}`,
      `EXIT CODES\n${list(Object.entries(EXIT_CODES))}`,
      'Words of a command may be separated by colons or spaces. `mothership COMMAND --help` tells more.',
    ].join('\n\n');
  }

  async topic(name: string): Promise<string> {
    return [this.#config.commands.topics[name] ?? '', `USAGE\n  $ mothership ${name}:COMMAND`, await this.#commandsBelow(name)].filter(Boolean).join('\n\n');
  }

  async command(id: string, command: CommandClass): Promise<string> {
    const described = { ...statics(command), id, flags: { ...command.flags, ...command.baseFlags } };
    const help = new CommandHelp(described as unknown as Command.Loadable, this.#config.oclif, { maxWidth: this.#width });
    return [command.summary, help.generate(), await this.#commandsBelow(id)].filter(Boolean).join('\n\n');
  }

  async #commandsBelow(topic: string): Promise<string> {
    const below = (await this.#config.commands.summaries()).filter(({ id, hidden }) => !hidden && id.startsWith(`${topic}:`));
    return below.length > 0 ? `COMMANDS\n${list(below.map(({ id, summary }: CommandSummary) => [id, summary]))}` : '';
  }
}

/** Static properties as oclif's help reads them, without the ones it would print a second time. */
function statics(command: CommandClass): Partial<CommandClass> {
  const { aliases, examples, description, strict, usage } = command;
  const args = Object.fromEntries(Object.entries(command.args).map(([name, arg]) => [name, { ...arg, name }]));
  return { args, aliases, examples, strict, ...(description ? { description } : {}), ...(usage ? { usage } : {}) } as Partial<CommandClass>;
}

function list(entries: readonly (readonly [string, string])[]): string {
  const longest = Math.max(...entries.map(([name]) => name.length));
  const sorted = entries.every(([name]) => /^\d+$/.test(name)) ? entries : [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, text]) => `  ${name.padEnd(longest)}  ${text}`).join('\n');
}
