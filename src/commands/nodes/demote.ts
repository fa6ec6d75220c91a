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
      flags,
    } = await this.parse(NodesDemote);
    const api = await this.api(flags);
    this.progress.start(`Demoting ${node}`);
    const changed = await api.call('nodesUpdate', { params: { node }, body: { role: 'worker' } });
    this.progress.done();
    this.print(flags, changed, () => changed.warnings);
  }
}
