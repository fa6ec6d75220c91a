import type { CliConfig, CommandClass } from './command-table.ts';

const EXIT_CODES = [
  ['0', 'success'],
  ['1', 'failure'],
  ['2', 'usage error; nothing was changed'],
  ['3', 'partial success'],
  ['4', 'still running in the background'],
  ['130', 'cancelled'],
] as const;
const INDENT = '  ';

type Row = readonly [string, string];
interface Flag {
  readonly type: 'boolean' | 'option';
  readonly char?: string;
  readonly description?: string;
  readonly helpGroup?: string;
  readonly helpValue?: string | string[];
  readonly options?: readonly string[];
  readonly default?: unknown;
  readonly hidden?: boolean;
  readonly required?: boolean;
}

/** Help texts in the format of oclif and Heroku's CLI. oclif's own help would take half of the start-up time. */
export class Help {
  readonly #width: number;

  constructor(private readonly config: CliConfig) {
    this.#width = Math.min(config.io.stdout.columns ?? 100, 120);
  }

  async root(): Promise<string> {
    const { topics } = this.config.commands;
    const single = (await this.#visible()).filter(([id]) => !id.includes(':') && !Object.hasOwn(topics, id));
    return this.#page({
      '': 'A Heroku-like platform for your own machines: deploy apps to a Docker Swarm from the command line.',
      VERSION: this.config.userAgent,
      USAGE: '$ mothership COMMAND',
      TOPICS: this.#rows(sorted(Object.entries(topics))),
      COMMANDS: this.#rows(sorted(single)),
      'EXIT CODES': this.#rows(EXIT_CODES),
      ' ': 'Separate the words of a command with colons or spaces. Run `mothership COMMAND --help` for details.',
    });
  }

  async topic(name: string): Promise<string> {
    return this.#page({
      '': this.config.commands.topics[name] ?? '',
      USAGE: `$ mothership ${name}:COMMAND`,
      COMMANDS: await this.#commandsBelow(name),
    });
  }

  async command(id: string, command: CommandClass): Promise<string> {
    const flags = Object.entries({ ...command.flags, ...command.baseFlags } as Record<string, Flag>).filter(
      ([, flag]) => !flag.hidden,
    );
    const args = Object.entries(command.args).map(([name, { required, description = '' }]): Row => [
      argument(name, required, command.strict),
      description,
    ]);
    return this.#page({
      '': command.summary ?? '',
      USAGE: this.#usage(id, command, flags),
      ARGUMENTS: this.#rows(args),
      FLAGS: this.#rows(flagRows(flags.filter(([, flag]) => !flag.helpGroup))),
      'GLOBAL FLAGS': this.#rows(flagRows(flags.filter(([, flag]) => flag.helpGroup))),
      DESCRIPTION: wrap(command.description ?? '', this.#width - INDENT.length),
      ALIASES: command.aliases.map((alias) => `$ mothership ${alias}`).join('\n'),
      EXAMPLES: command.examples.map((example) => `$ ${example as string}`).join('\n\n'),
      COMMANDS: await this.#commandsBelow(
        [id, ...command.aliases].find((name) => Object.hasOwn(this.config.commands.topics, name)) ?? id,
      ),
    });
  }

  #usage(id: string, command: CommandClass, flags: readonly (readonly [string, Flag])[]): string {
    const args = Object.entries(command.args).map(([name, { required }]) => argument(name, required, command.strict));
    const named = flags.map(
      ([name, flag]) =>
        `[${flag.char ? `-${flag.char}` : `--${name}`}${flag.type === 'option' ? ` ${valueOf(name, flag)}` : ''}]`,
    );
    const line = typeof command.usage === 'string' ? command.usage : [id, ...args, ...named].join(' ');
    return wrap(`$ mothership ${line}`, this.#width - INDENT.length).replaceAll('\n', `\n${INDENT}`);
  }

  async #commandsBelow(topic: string): Promise<string> {
    return this.#rows(sorted((await this.#visible()).filter(([id]) => id.startsWith(`${topic}:`))));
  }

  async #visible(): Promise<Row[]> {
    const summaries = await this.config.commands.summaries();
    return summaries.filter((command) => !command.hidden).map(({ id, summary }) => [id, summary]);
  }

  #rows(rows: readonly Row[]): string {
    const left = Math.max(0, ...rows.map(([name]) => name.length)) + INDENT.length;
    return rows
      .map(
        ([name, text]) =>
          name.padEnd(left) + wrap(text, this.#width - left - INDENT.length).replaceAll('\n', `\n${' '.repeat(left)}`),
      )
      .join('\n');
  }

  /** Joins sections under their headings; one without a heading is not indented, an empty one is skipped. */
  #page(sections: Readonly<Record<string, string>>): string {
    const present = Object.entries(sections).filter(([, body]) => body !== '');
    return present
      .map(([heading, body]) =>
        heading.trim() ? `${heading}\n${INDENT}${body.replaceAll('\n', `\n${INDENT}`).replace(/^ +$/gm, '')}` : body,
      )
      .join('\n\n');
  }
}

function flagRows(flags: readonly (readonly [string, Flag])[]): Row[] {
  const short = flags.some(([, flag]) => flag.char);
  return sorted(
    flags.map(([name, flag]): Row => {
      const value = flag.type === 'option' ? `=${valueOf(name, flag)}` : '';
      const notes = [
        ...(flag.required ? ['(required)'] : []),
        ...(flag.default === undefined || flag.default === false ? [] : [`[default: ${String(flag.default)}]`]),
      ];
      const char = flag.char ? `-${flag.char}, ` : '';
      return [`${short ? char.padEnd(4) : ''}--${name}${value}`, [...notes, flag.description ?? ''].join(' ')];
    }),
    ([label]) => label.replace(/^.*--/, ''),
  );
}

function valueOf(name: string, { helpValue, options }: Flag): string {
  return options ? options.join('|') : String(helpValue ?? name.toUpperCase());
}

function argument(name: string, required: boolean | undefined, strict: boolean): string {
  const text = `${name.toUpperCase()}${strict ? '' : '...'}`;
  return required ? text : `[${text}]`;
}

function sorted(rows: readonly Row[], key: (row: Row) => string = ([name]) => name): Row[] {
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function wrap(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= Math.max(width, 20))
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
