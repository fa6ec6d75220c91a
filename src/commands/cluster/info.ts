import type { ClusterInfo } from '#api';
import { BaseCommand } from '#cli/command/base-command.ts';
import { fields, heading, table } from '#cli/output/table.ts';
import { formatBytes, formatTime, type Paint } from '#cli/output/text.ts';

export default class ClusterInfoCommand extends BaseCommand {
  static override summary = 'Show the cluster';
  static override description =
    "Shows the cluster's settings, its nodes, and whether its routers have the latest routes.";
  static override examples = ['mothership cluster:info', 'mothership cluster:info --json'];
  static override aliases = ['cluster'];

  async run(): Promise<void> {
    await this.parse(ClusterInfoCommand);
    const info = await this.call('clusterInfo');
    this.print(info, (paint) => describe(info, this.now, paint));
  }
}

function describe(info: ClusterInfo, now: number, paint: Paint): string[] {
  const rows = {
    Address: info.url,
    Domain: `*.${info.domain}`,
    Ports: `${info.httpPort}, ${info.httpsPort} (${info.publish === 'host' ? 'of the nodes' : 'on the mesh'})`,
    Stacks: info.stacks.join(', '),
    Apps: String(info.apps),
    Routers:
      info.routers
        .map(({ id, applied, current }) => `${id}: routes ${applied}${current ? '' : ' (behind)'}`)
        .join('\n') || 'none connected',
    Version: info.version,
    Created: formatTime(info.createdAt, now),
  };
  return [heading(info.name, paint), '', ...fields(rows, paint), '', ...nodesTable(info, paint)];
}

function nodesTable({ nodes }: ClusterInfo, paint: Paint): string[] {
  return table(
    nodes,
    {
      Node: (node) => node.hostname,
      Role: (node) => node.role,
      State: (node) => (node.availability === 'active' ? node.state : `${node.state}, ${node.availability}`),
      Zone: (node) => node.zone ?? '',
      Roles: (node) => node.roles.join(', '),
      Address: (node) => node.address,
      CPUs: (node) => String(node.cpus),
      Memory: (node) => formatBytes(node.memory),
      Engine: (node) => node.engine,
    },
    paint,
  );
}
