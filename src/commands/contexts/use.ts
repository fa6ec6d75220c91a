import { requiredArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { contextsFile, useContext } from '#cli/session/contexts.ts';

export default class ContextsUse extends BaseCommand {
  static override summary = 'Switch to another cluster';
  static override description = 'Makes a context the current one.';
  static override examples = ['mothership contexts:use staging'];
  static override args = { context: requiredArg('Name of the context') };

  async run(): Promise<void> {
    const { args } = await this.parse(ContextsUse);
    await useContext(contextsFile(this.io), args.context);
    this.print({ context: args.context }, () => [`Now using ${args.context}.`]);
  }
}
