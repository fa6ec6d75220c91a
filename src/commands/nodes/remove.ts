import * as Flags from '@oclif/core/flags';
import { requiredArg } from '../../cli/args.ts';
import { NodeCommand } from '../../cli/node-command.ts';
import { confirmName } from '../../cli/prompts.ts';

export default class NodesRemove extends NodeCommand {
  static override summary = 'Take a node out of the cluster';
  static override description = 'Drains the node, makes it a worker if it is a manager, and lets it leave the cluster. A node that is down is given up. Never removes a manager that the others need to be the majority. The machine itself is not touched.';
  static override examples = ['mothership nodes:remove node-2', 'mothership nodes:remove node-2 --confirm node-2'];
  static override args = { node: requiredArg('Its name, address or id') };
  static override flags = {
    force: Flags.boolean({ description: 'Although something is lost or interrupted by it' }),
    confirm: Flags.string({ char: 'c', description: 'Name of the node, instead of typing it at the prompt', helpValue: 'NAME' }),
  };

  async run(): Promise<void> {
    const { args: { node }, flags } = await this.parse(NodesRemove);
    await confirmName(this.io, node, flags.confirm, `This takes ${node} out of the cluster${flags.force ? ', with what only it has' : ''}.`);
    await this.carryOut(flags, `Removing ${node}`, (api) => api.call('nodesRemove', { params: { node }, query: flags.force ? { force: true } : {} }));
  }
}
