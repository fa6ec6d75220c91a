import { requiredArg } from '../../cli/program/args.ts';
import { BaseCommand } from '../../cli/command/base-command.ts';

export default class NodesDemote extends BaseCommand {
  static override summary = 'Make a manager a worker';
  static override description =
    'The node goes on running tasks. It is refused when the other managers that can be reached would not be the majority.';
  static override examples = ['mothership nodes:demote node-2'];
  static override args = { node: requiredArg('Its name, address or id') };

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
