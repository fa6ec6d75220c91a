import { requiredArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';

export default class NodesDemote extends BaseCommand {
  static override summary = 'Demote a manager to a worker';
  static override description =
    'The node keeps running its tasks. Refused if the remaining reachable managers would not be a majority.';
  static override examples = ['mothership nodes:demote node-2'];
  static override args = { node: requiredArg('Name, address or id of the node') };

  async run(): Promise<void> {
    const {
      args: { node },
    } = await this.parse(NodesDemote);
    const changed = await this.step(
      `Demoting ${node}`,
      this.call('nodesUpdate', { params: { node }, body: { role: 'worker' } }),
    );
    this.print(changed, () => changed.warnings);
  }
}
