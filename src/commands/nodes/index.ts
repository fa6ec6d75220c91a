import type { Node } from '#api';
import { formatMemory } from '#values/size.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { table } from '#cli/output/table.ts';

export default class NodesIndex extends BaseCommand {
  static override summary = 'List the nodes';
  static override description = 'Lists the machines of the cluster with their zones, roles and reserved memory.';
  static override examples = ['mothership nodes', 'mothership nodes --json'];

  async run(): Promise<void> {
    await this.parse(NodesIndex);
    const nodes = await this.call('nodesList');
    this.print(nodes, (paint) =>
      table(
        nodes,
        {
          Node: (node) => node.hostname,
          Kind: (node) => (node.leader ? 'manager, leader' : node.role),
          State: (node) => [isWell(node) ? 'green' : 'red', describeState(node)],
          Zone: (node) => node.zone ?? '',
          Roles: (node) => node.roles.join(', '),
          Tasks: (node) => String(node.tasks),
          Memory: (node) => `${formatMemory(node.reserved.memory)} of ${formatMemory(node.memory)}`,
          Address: (node) => node.address,
        },
        paint,
      ),
    );
  }
}

function isWell(node: Node): boolean {
  return node.state === 'ready' && node.reachable !== false;
}

function describeState(node: Node): string {
  const words = { active: '', pause: 'paused', drain: 'drained' } as const;
  return [node.state, words[node.availability], node.reachable === false ? 'unreachable' : '']
    .filter(Boolean)
    .join(', ');
}
