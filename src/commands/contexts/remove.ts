import { requiredArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { contextsFile, removeContext } from '#cli/session/contexts.ts';

export default class ContextsRemove extends BaseCommand {
  static override summary = 'Forget a cluster';
  static override description =
    'Removes a context and its token from this machine. The cluster and the token itself are not affected.';
  static override examples = ['mothership contexts:remove staging'];
  static override args = { context: requiredArg('Name of the context') };

  async run(): Promise<void> {
    const { args } = await this.parse(ContextsRemove);
    await removeContext(contextsFile(this.io), args.context);
    this.print({ context: args.context }, () => [`Removed ${args.context}.`]);
  }
}
