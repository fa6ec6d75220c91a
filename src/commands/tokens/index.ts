import { BaseCommand } from '#cli/command/base-command.ts';
import { table } from '#cli/output/table.ts';
import { formatTime } from '#cli/output/text.ts';

export default class TokensIndex extends BaseCommand {
  static override summary = 'List access tokens';
  static override description = "Lists the cluster's tokens without their values. Requires an admin token.";
  static override examples = ['mothership tokens', 'mothership tokens --json'];

  async run(): Promise<void> {
    await this.parse(TokensIndex);
    const tokens = await this.call('tokensList');
    this.print(tokens, (paint) =>
      table(
        tokens,
        {
          Token: ({ id }) => id,
          User: ({ user }) => user,
          Role: ({ role, app }) => (role === 'deploy' ? `deploy ${app ?? ''}` : role),
          Description: ({ description }) => description,
          Created: ({ createdAt }) => formatTime(createdAt, this.now),
        },
        paint,
      ),
    );
  }
}
