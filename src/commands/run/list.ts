import type { ListedRun } from '#api';
import { AppCommand } from '#cli/command/base-command.ts';
import { heading, table } from '#cli/output/table.ts';
import { formatTime, type Style } from '#cli/output/text.ts';

export default class RunList extends AppCommand {
  static override summary = 'List the one-off processes of an app';
  static override description =
    'Lists one-off processes that are running, attached to a terminal or in the background. Those in the background ' +
    'stay in the list for a day after their end, with their exit code.';
  static override examples = ['mothership run:list -a example-app', 'mothership run:list --json'];

  async run(): Promise<void> {
    await this.parse(RunList);
    const app = await this.app();
    const runs = await this.call('runList', { params: { app } });
    this.print(runs, (paint) => {
      if (runs.length === 0) return [`${app} has no one-off processes.`];
      const columns = {
        Process: ({ name }: ListedRun) => name,
        State: (each: ListedRun) => [colorOf(each), describe(each)] as const,
        Command: ({ command }: ListedRun) => command ?? '',
        Release: ({ release }: ListedRun) => `v${release}`,
        Node: ({ node }: ListedRun) => node ?? '',
        Since: ({ since }: ListedRun) => formatTime(since, this.now),
      };
      return [heading(`${app} One-off Processes`, paint), '', ...table(runs, columns, paint)];
    });
  }
}

/** `up`, `ended (exited with code 3)`. */
function describe({ state, detail }: ListedRun): string {
  return detail ? `${state} (${detail})` : state;
}

function colorOf({ state, exitCode }: ListedRun): Style {
  if (state === 'up') return 'green';
  if (state !== 'ended') return 'yellow';
  return exitCode === 0 ? 'dim' : 'red';
}
