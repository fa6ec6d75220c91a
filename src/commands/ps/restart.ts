import { optionalArg } from '#cli/program/args.ts';
import { ReleaseCommand } from '#cli/command/release-command.ts';

export default class PsRestart extends ReleaseCommand {
  static override summary = 'Restart processes';
  static override description =
    'Starts new processes of the current release, switches traffic to them and stops the old ' +
    'ones, without dropping requests.';
  static override examples = ['mothership ps:restart -a example-app', 'mothership ps:restart worker'];
  static override aliases = ['restart'];
  static override args = { type: optionalArg('Process type; defaults to all') };

  async run(): Promise<void> {
    const { args } = await this.parse(PsRestart);
    const app = await this.app();
    const body = args.type ? { type: args.type } : {};
    const result = await this.carryOut(`Restarting ${args.type ?? 'all processes'} of ${app}`, (api) =>
      api.call('psRestart', { params: { app }, body }),
    );
    if (result) this.print({ app, type: args.type ?? null, ...result });
  }
}
