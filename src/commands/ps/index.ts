import type { Task } from '#api';
import { MiB, formatSize } from '#values/size.ts';
import { optionalArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';
import { heading } from '#cli/output/table.ts';
import { formatTime, type Paint } from '#cli/output/text.ts';

export default class PsIndex extends AppCommand {
  static override summary = 'List the processes of an app';
  static override description = 'Lists running processes with their state, start time, node, and memory and CPU usage.';
  static override examples = ['mothership ps -a example-app', 'mothership ps web', 'mothership ps --json'];
  static override args = { type: optionalArg('Only show this process type') };

  async run(): Promise<void> {
    const { args } = await this.parse(PsIndex);
    const app = await this.app();
    const all = await this.call('psList', { params: { app } });
    const tasks = all.filter((task) => !args.type || task.type === args.type);
    this.print(tasks, (paint) =>
      tasks.length > 0 ? describe(tasks, this.now, paint) : [`No processes of ${app} are running.`],
    );
  }
}

function describe(tasks: readonly Task[], now: number, paint: Paint): string[] {
  const types = [...new Set(tasks.map((task) => task.type))];
  return types.flatMap((type, index) => {
    const own = tasks.filter((task) => task.type === type);
    const { size, command } = own[0]!;
    const title = `${type} (${formatSize(size)})${command ? `: ${command}` : ''} (${own.length})`;
    return [...(index > 0 ? [''] : []), heading(title, paint), '', ...own.map((task) => line(task, now, paint))];
  });
}

/** Formatted like sizes: memory/cpus. */
function describeUsage({ memory, cpus }: NonNullable<Task['usage']>): string {
  return `${Math.max(1, Math.round(memory / MiB))}M/${cpus.toFixed(2)}`;
}

function line({ name, state, since, release, node, zone, usage, detail }: Task, now: number, paint: Paint): string {
  const color = ({ up: 'green', crashed: 'red' } as const)[state as 'up' | 'crashed'] ?? 'yellow';
  return (
    `${name}: ${paint(color, state)} ${formatTime(since, now)}  v${release}  ` +
    `${node}${zone ? ` (${zone})` : ''}${usage ? `  uses ${describeUsage(usage)}` : ''}${detail ? `  ${detail}` : ''}`
  );
}
