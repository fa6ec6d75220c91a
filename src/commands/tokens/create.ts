import * as Flags from '@oclif/core/flags';
import { requiredArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';

export default class TokensCreate extends BaseCommand {
  static override summary = 'Create an access token';
  static override description =
    'Creates a token for a user and prints its value once. The user logs in with `mothership ' +
    'login`; CI sets MOTHERSHIP_URL and MOTHERSHIP_TOKEN. Requires an admin token.';
  static override examples = [
    'mothership tokens:create ann@example.com',
    'mothership tokens:create ci --description "GitHub Actions"',
    'mothership tokens:create bob --role admin',
    'mothership tokens:create ci --deploy example-app',
  ];
  static override args = { user: requiredArg('User the token is for') };
  static override flags = {
    role: Flags.option({
      options: ['member', 'admin'] as const,
      description: 'Role of the token',
      default: 'member' as const,
    })(),
    deploy: Flags.string({
      description: 'Restrict the token to deploying this app; for CI',
      helpValue: 'APP',
      exclusive: ['role'],
    }),
    description: Flags.string({ description: 'Description of the token', helpValue: 'TEXT' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TokensCreate);
    const role = flags.deploy ? { deploy: flags.deploy } : { role: flags.role };
    const description = flags.description ? { description: flags.description } : {};
    const token = await this.step(
      `Creating a token for ${args.user}`,
      this.call('tokensCreate', { body: { user: args.user, ...role, ...description } }),
      ({ id }) => `done, ${id}`,
    );
    this.print(token, () => [token.value]);
  }
}
