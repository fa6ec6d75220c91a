import { nodeArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';

export default class NodesDemote extends BaseCommand {
  static override summary = 'Demote a manager to a worker';
  static override description =
    'The node keeps running its tasks. Refused if the remaining reachable managers would not be a majority.';
  static override examples = ['mothership nodes:demote node-2'];
  static override args = { node: nodeArg };

  async run(): Promise<void> {
    const { node } = (await this.parse(NodesDemote)).args;
    const changed = await this.step(
      `Demoting ${node}`,
      this.call('nodesUpdate', { params: { node }, body: { role: 'worker' } }),
    );
    this.print(changed, () => changed.warnings);
  }
}
