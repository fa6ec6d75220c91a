import { BaseCommand } from '#cli/command/base-command.ts';
import { contextsFile, forgetLogin, readContexts } from '#cli/session/contexts.ts';
import { fail } from '#errors';

export default class Logout extends BaseCommand {
  static override summary = 'Log out of a cluster';
  static override description =
    'Removes the token of the current context, or of the given one, from this machine. The context goes too, unless ' +
    'setup ran here: it also knows the machines. The token stays valid until an admin revokes it.';
  static override examples = ['mothership logout', 'mothership logout --context staging'];
  static override aliases = ['auth:logout'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Logout);
    const file = contextsFile(this.io);
    const context = flags.context ?? (await readContexts(file)).current;
    if (context === null) throw fail('CONTEXT_NEEDED', {});
    await forgetLogin(file, context);
    this.print({ context }, () => [`Logged out of ${context}.`]);
  }
}
