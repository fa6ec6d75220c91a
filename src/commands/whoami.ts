import { BaseCommand } from '#cli/command/base-command.ts';

export default class Whoami extends BaseCommand {
  static override summary = 'Show the current user';
  static override description = 'Prints the user of the current token; --json adds the role and the cluster.';
  static override examples = ['mothership whoami', 'mothership whoami --json'];
  static override aliases = ['auth:whoami'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Whoami);
    const account = await (await this.api(flags)).call('account');
    this.print(flags, account, () => [account.user]);
  }
}
