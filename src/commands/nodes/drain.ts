import * as Flags from '@oclif/core/flags';
import { confirmFlag, nodeArg } from '#cli/program/args.ts';
import { NodeCommand } from '#cli/command/node-command.ts';
import { confirmName } from '#cli/output/prompts.ts';

export default class NodesDrain extends NodeCommand {
  static override summary = 'Move everything off a node';
  static override description =
    "Starts the node's web processes on other nodes, switches traffic to them, then stops " +
    'everything on the node without dropping requests. Refused if the other nodes lack room ' +
    'or a volume would be left behind. The node stays in the cluster and gets no new tasks ' +
    'until --undo.';
  static override examples = [
    'mothership nodes:drain node-2',
    'mothership nodes:drain node-2 --undo',
    'mothership nodes:drain node-2 --force --confirm node-2',
  ];
  static override args = { node: nodeArg };
  static override flags = {
    undo: Flags.boolean({ description: 'Let the node run tasks again', exclusive: ['force'] }),
    force: Flags.boolean({ description: 'Proceed even if something is lost or interrupted' }),
    confirm: confirmFlag('node'),
  };

  async run(): Promise<void> {
    const {
      args: { node },
      flags,
    } = await this.parse(NodesDrain);
    if (flags.undo) return this.#undo(node);
    if (flags.force)
      await confirmName(this.io, node, flags.confirm, `This may stop processes that run only on ${node}.`);
    await this.carryOut(`Draining ${node}`, (api) =>
      api.call('nodesDrain', { params: { node }, body: flags.force ? { force: true } : {} }),
    );
  }

  async #undo(node: string): Promise<void> {
    const changed = await this.step(
      `Making ${node} available`,
      this.call('nodesUpdate', { params: { node }, body: { availability: 'active' } }),
    );
    this.print(changed, () => ['New deploys use the node. To use it now, run `mothership nodes:rebalance`.']);
  }
}
