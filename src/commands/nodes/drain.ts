import * as Flags from '@oclif/core/flags';
import { requiredArg } from '../../cli/program/args.ts';
import { NodeCommand } from '../../cli/command/node-command.ts';
import { confirmName } from '../../cli/output/prompts.ts';

export default class NodesDrain extends NodeCommand {
  static override summary = 'Move everything off a node';
  static override description =
    "Starts the node's web processes elsewhere, moves the traffic to them, then stops all that runs on the node: no request is lost. It is refused when the other nodes have no room or a volume would be left behind. The node stays in the cluster and takes nothing until --undo.";
  static override examples = [
    'mothership nodes:drain node-2',
    'mothership nodes:drain node-2 --undo',
    'mothership nodes:drain node-2 --force --confirm node-2',
  ];
  static override args = { node: requiredArg('Its name, address or id') };
  static override flags = {
    undo: Flags.boolean({ description: 'Let the node take tasks again', exclusive: ['force'] }),
    force: Flags.boolean({ description: 'Although something is lost or interrupted by it' }),
    confirm: Flags.string({
      char: 'c',
      description: 'Name of the node, instead of typing it at the prompt',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<void> {
    const {
      args: { node },
      flags,
    } = await this.parse(NodesDrain);
    if (flags.undo) return this.#undo(flags, node);
    if (flags.force) await confirmName(this.io, node, flags.confirm, `This may stop what runs only on ${node}.`);
    await this.carryOut(flags, `Draining ${node}`, (api) =>
      api.call('nodesDrain', { params: { node }, body: flags.force ? { force: true } : {} }),
    );
  }

  async #undo(flags: { readonly json?: boolean; readonly context?: string | undefined }, node: string): Promise<void> {
    const api = await this.api(flags);
    this.progress.start(`Letting ${node} take tasks`);
    const changed = await api.call('nodesUpdate', { params: { node }, body: { availability: 'active' } });
    this.progress.done();
    this.print(flags, changed, () => ['Tasks come with new deploys, or at once with `mothership nodes:rebalance`.']);
  }
}
