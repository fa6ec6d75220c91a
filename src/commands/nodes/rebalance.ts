import { NodeCommand } from '../../cli/command/node-command.ts';

export default class NodesRebalance extends NodeCommand {
  static override summary = 'Even out tasks over zones and nodes';
  static override description =
    'Starts apps anew whose processes are crowded together, the worst first and one at a time: each has to serve before the next. No request is lost. It stops at the first app that does not come up.';
  static override examples = ['mothership nodes:rebalance', 'mothership nodes:rebalance --detach'];

  async run(): Promise<void> {
    const { flags } = await this.parse(NodesRebalance);
    await this.carryOut(flags, 'Rebalancing', (api) => api.call('nodesRebalance'));
  }
}
