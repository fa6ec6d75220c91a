import { confirmFlag, requiredArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { contextsFile, findContext, readContexts, removeContext } from '#cli/session/contexts.ts';
import { confirmName } from '#cli/output/prompts.ts';

export default class ContextsRemove extends BaseCommand {
  static override summary = 'Forget a cluster';
  static override description =
    'Removes a context and its token from this machine. The cluster and the token itself are not affected. ' +
    'If setup ran here, nothing on this machine can add or destroy its machines afterwards, so it asks first.';
  static override examples = ['mothership contexts:remove staging'];
  static override flags = { confirm: confirmFlag('cluster') };
  static override args = { context: requiredArg('Name of the context') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContextsRemove);
    const file = contextsFile(this.io);
    const { machines } = findContext(await readContexts(file), args.context);
    if (machines)
      await confirmName(
        this.io,
        args.context,
        flags.confirm,
        `The machines of ${args.context} (provider ${machines.provider}) stay, and cluster:destroy will not find them.`,
      );
    await removeContext(file, args.context);
    this.print({ context: args.context }, () => [`Removed ${args.context}.`]);
  }
}
