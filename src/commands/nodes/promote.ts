import { requiredArg } from '../../cli/program/args.ts';
import { BaseCommand } from '../../cli/command/base-command.ts';

export default class NodesPromote extends BaseCommand {
  static override summary = 'Make a node a manager';
  static override description =
    "Managers keep the cluster's state; more than half of them must be reachable for anything to change. 1, 3 or 5 are good numbers: 3 survive the loss of one, 5 of two.";
  static override examples = ['mothership nodes:promote node-2'];
  static override args = { node: requiredArg('Its name, address or id') };

  async run(): Promise<void> {
    const {
      args: { node },
      flags,
    } = await this.parse(NodesPromote);
    const api = await this.api(flags);
    this.progress.start(`Promoting ${node}`);
    const changed = await api.call('nodesUpdate', { params: { node }, body: { role: 'manager' } });
    this.progress.done();
    this.print(flags, changed, () => changed.warnings);
  }
}
