import type { NodeDetails } from '#api';
import { formatCpus, formatMemory } from '#values/size.ts';
import { nodeArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { fields, heading, table } from '#cli/output/table.ts';
import { formatAge, formatBytes, formatDuration, type Paint } from '#cli/output/text.ts';

export default class NodesInfo extends BaseCommand {
  static override summary = 'Show a node';
  static override description = "Shows a node's tasks, their reservations and limits, its disk and its load.";
  static override examples = ['mothership nodes:info node-2', 'mothership nodes:info 10.0.0.2 --json'];
  static override args = { node: nodeArg };

  async run(): Promise<void> {
    const { args } = await this.parse(NodesInfo);
    const node = await this.call('nodesInfo', { params: { node: args.node } });
    this.print(node, (paint) => describe(node, this.now, paint));
  }
}

function describe(node: NodeDetails, now: number, paint: Paint): string[] {
  const { report, operation } = node;
  const rows = {
    Id: node.id,
    Kind: node.leader ? 'manager, leader' : node.role,
    State: [
      node.state,
      node.availability === 'active' ? '' : node.availability,
      node.reachable === false ? 'unreachable' : '',
    ]
      .filter(Boolean)
      .join(', '),
    Zone: node.zone ?? undefined,
    Roles: node.roles.join(', ') || undefined,
    Labels:
      Object.entries(node.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join('\n') || undefined,
    Address: node.address,
    Size: `${formatCpus(node.cpus)} CPUs, ${formatMemory(node.memory)}`,
    Promised: `${formatMemory(node.reserved.memory)} of memory; limits total ${formatMemory(node.limits.memory)}`,
    Disk: report
      ? `${formatBytes(report.disk.free)} of ${formatBytes(report.disk.total)} free`
      : 'unknown: the node does not respond',
    Memory: report ? `${formatBytes(report.memory.available)} of ${formatBytes(report.memory.total)} free` : undefined,
    Load: report
      ? `${report.load.map((load) => load.toFixed(2)).join(', ')}; up ${formatDuration(report.uptime * 1000)}`
      : undefined,
    Engine: node.engine,
    'In progress': operation ? `${operation.kind} by ${operation.by}` : undefined,
  };
  return [heading(node.hostname, paint), '', ...fields(rows, paint), '', ...tasks(node, now, paint)];
}

function tasks({ placed }: NodeDetails, now: number, paint: Paint): string[] {
  if (placed.length === 0) return ['No tasks.'];
  return table(
    placed,
    {
      App: (task) => task.app ?? '-',
      Task: (task) => task.name,
      State: (task) => task.state,
      Since: (task) => formatAge(task.since, now),
      Limit: (task) => (task.memory === null ? '' : formatMemory(task.memory)),
    },
    paint,
  );
}
