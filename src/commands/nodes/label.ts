import { nodeArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { parseNodeLabels } from '#cli/parse/node-labels.ts';
import { fail } from '#errors';

export default class NodesLabel extends BaseCommand {
  static override summary = 'Set the zone, roles and labels of a node';
  static override description =
    'Processes of an app are spread over zones. If some nodes have the role router, only ' +
    'those accept requests; if some have the role builder, only those run builds. KEY- ' +
    'removes a label.';
  static override examples = [
    'mothership nodes:label node-2 zone=b',
    'mothership nodes:label node-2 role.router=true',
    'mothership nodes:label node-2 disk=ssd old-',
  ];
  static override strict = false;
  static override usage = 'nodes:label NODE KEY=VALUE|KEY-...';
  static override args = { node: nodeArg };

  async run(): Promise<void> {
    const {
      args: { node },
      argv,
    } = await this.parse(NodesLabel);
    const words = (argv as string[]).slice(1);
    if (words.length === 0) throw fail('USAGE_INVALID', { why: 'No label given', command: 'nodes:label' });
    const body = parseNodeLabels(words);
    const changed = await this.step(`Labelling ${node}`, this.call('nodesUpdate', { params: { node }, body }));
    this.print(changed);
  }
}
