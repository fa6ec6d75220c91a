import { NodeCommand } from '#cli/command/node-command.ts';

export default class NodesRebalance extends NodeCommand {
  static override summary = 'Even out tasks over zones and nodes';
  static override description =
    'Restarts apps whose processes are crowded together, one at a time, worst first. No ' +
    'requests are dropped. Stops at the first app that fails to start.';
  static override examples = ['mothership nodes:rebalance', 'mothership nodes:rebalance --detach'];

  async run(): Promise<void> {
    await this.parse(NodesRebalance);
    await this.carryOut('Rebalancing', (api) => api.call('nodesRebalance'));
  }
}
