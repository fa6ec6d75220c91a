import { BaseCommand } from '#cli/command/base-command.ts';

export default class Whoami extends BaseCommand {
  static override summary = 'Show the current user';
  static override description = 'Prints the user of the current token; --json adds the role and the cluster.';
  static override examples = ['mothership whoami', 'mothership whoami --json'];
  static override aliases = ['auth:whoami'];

  async run(): Promise<void> {
    await this.parse(Whoami);
    const account = await this.call('account');
    this.print(account, () => [account.user]);
  }
}
