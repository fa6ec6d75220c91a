import * as Flags from '@oclif/core/flags';
import { requiredArg } from '../../cli/args.ts';
import { BaseCommand } from '../../cli/base-command.ts';

export default class TokensCreate extends BaseCommand {
  static override summary = 'Create an access token';
  static override description = 'Makes a token for a user and prints its value, this once. The user runs `mothership login` with it. For admins.';
  static override examples = ['mothership tokens:create ann@example.com', 'mothership tokens:create ci --description "GitHub Actions"', 'mothership tokens:create bob --role admin'];
  static override args = { user: requiredArg('Whose token it is') };
  static override flags = {
    role: Flags.option({ options: ['member', 'admin'] as const, description: 'What it may do', default: 'member' as const })(),
    description: Flags.string({ description: 'What it is for', helpValue: 'TEXT' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TokensCreate);
    const api = await this.api(flags);
    this.progress.start(`Creating a token for ${args.user}`);
    const token = await api.call('tokensCreate', { body: { user: args.user, role: flags.role, ...(flags.description ? { description: flags.description } : {}) } });
    this.progress.done(`done, ${token.id}`);
    this.print(flags, token, () => [token.value]);
  }
}
