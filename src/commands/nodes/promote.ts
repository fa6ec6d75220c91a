import { nodeArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';

export default class NodesPromote extends BaseCommand {
  static override summary = 'Promote a node to a manager';
  static override description =
    "Managers store the cluster's state; changes need a majority of them. Use 1, 3 or 5: " +
    'three tolerate the loss of one, five the loss of two.';
  static override examples = ['mothership nodes:promote node-2'];
  static override args = { node: nodeArg };

  async run(): Promise<void> {
    const { node } = (await this.parse(NodesPromote)).args;
    const changed = await this.step(
      `Promoting ${node}`,
      this.call('nodesUpdate', { params: { node }, body: { role: 'manager' } }),
    );
    this.print(changed, () => changed.warnings);
  }
}
