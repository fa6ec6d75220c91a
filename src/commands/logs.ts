import * as Flags from '@oclif/core/flags';
import { defined } from '#values/defined.ts';
import type { LogEntry } from '#api';
import { AppCommand } from '#cli/command/base-command.ts';
import { ExitStatus } from '#cli/program/exit-status.ts';
import { hasColor } from '#cli/program/io.ts';
import { LogTail } from '#cli/output/log-tail.ts';
import { painter, printable, toJson, type Paint } from '#cli/output/text.ts';
import { ExitCode } from '#errors';

const COLORS = ['cyan', 'yellow', 'green', 'magenta', 'blue'] as const;

export default class Logs extends AppCommand {
  static override summary = 'Show the logs of an app';
  static override description =
    'Prints recent lines of all processes and the router, oldest first. With --tail, keeps ' +
    'printing new lines until Ctrl-C. With --json, each line is an object.';
  static override examples = [
    'mothership logs -a example-app',
    'mothership logs --tail',
    'mothership logs -n 500 --ps web.1',
    'mothership logs --source router --json',
  ];
  static override flags = {
    tail: Flags.boolean({ char: 't', description: 'Keep printing new lines' }),
    num: Flags.integer({ char: 'n', description: 'Number of past lines to show', default: 100, min: 0, max: 10_000 }),
    ps: Flags.string({
      char: 'p',
      aliases: ['dyno', 'process-type'],
      charAliases: ['d'],
      description: 'Only show lines of this process type or process, such as web or web.2',
      helpValue: 'PROCESS',
    }),
    source: Flags.option({
      char: 's',
      options: ['app', 'router'] as const,
      description: 'Only show lines of the app or of the router',
    })(),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Logs);
    const app = await this.app();
    const api = await this.api();
    const stop = new AbortController();
    const restore = this.io.onSignal('SIGINT', () => stop.abort());
    const query = {
      n: flags.num,
      ...defined({ tail: flags.tail || undefined, ps: flags.ps || undefined, source: flags.source }),
    };
    const paint = painter(this.io.stdout, this.io);
    try {
      for await (const entry of new LogTail(api, this.io.clock).read(app, query, stop.signal)) {
        const line = flags.json ? toJson(entry) : format(entry, paint, hasColor(this.io.stdout, this.io));
        if (!this.io.stdout.write(`${line}\n`)) await new Promise((resolve) => this.io.stdout.once('drain', resolve));
      }
    } catch (error) {
      throw stop.signal.aborted ? new ExitStatus(ExitCode.cancelled) : error;
    } finally {
      restore();
    }
  }
}

/** Heroku's format: `2026-03-01T09:30:00.123Z app[web.1]: Listening`. */
function format({ at, source, ps, line }: LogEntry, paint: Paint, colors: boolean): string {
  const name = source === 'router' && ps === 'router' ? 'router' : `${source}[${ps}]`;
  const color = COLORS[[...ps].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLORS.length] ?? 'cyan';
  return `${paint('dim', at)} ${paint(color, `${name}:`)} ${printable(line, colors)}`;
}
