import { requiredArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';

export default class TokensRevoke extends BaseCommand {
  static override summary = 'Revoke an access token';
  static override description = 'Revokes the token immediately. Requires an admin token.';
  static override examples = ['mothership tokens:revoke t-3f2a'];
  static override args = { token: requiredArg('Token id, as shown by `mothership tokens`') };

  async run(): Promise<void> {
    const { args } = await this.parse(TokensRevoke);
    const token = await this.step(
      `Revoking ${args.token}`,
      this.call('tokensRevoke', { params: { token: args.token } }),
    );
    this.print(token);
  }
}
