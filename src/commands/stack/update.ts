import * as Flags from '@oclif/core/flags';
import { ReleaseCommand } from '#cli/command/release-command.ts';

export default class StackUpdate extends ReleaseCommand {
  static override summary = 'Update the run image of an app';
  static override description =
    'Rebases the app onto the newest run image of its stack and releases it, without ' +
    'rebuilding. Use it to apply security updates of the stack. ' +
    'With --all, updates every outdated app, one at a time; an app that fails to start keeps ' +
    'its old release. --all requires an admin token.';
  static override examples = ['mothership stack:update -a example-app', 'mothership stack:update --all'];
  static override flags = { all: Flags.boolean({ description: 'Update all outdated apps', exclusive: ['app'] }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(StackUpdate);
    if (flags.all) {
      const result = await this.carryOut('Updating the stack of all apps', (api) => api.call('stackUpdateAll'));
      if (result) this.print(result, () => (result['updated'] as string[] | undefined) ?? []);
      return;
    }
    const app = await this.app();
    const result = await this.carryOut(`Updating the stack of ${app}`, (api) =>
      api.call('stackUpdate', { params: { app } }),
    );
    if (!result) return;
    if (result['updated'] === false) this.progress.line(`${app} is up to date.`);
    this.print(result);
  }
}
