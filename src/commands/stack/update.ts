import * as Flags from '@oclif/core/flags';
import { OperationCommand } from '../../cli/command/operation-command.ts';

export default class StackUpdate extends OperationCommand {
  static override summary = 'Move an app to the newest run image of its stack';
  static override description =
    'Lays what was built on the newest run image and releases it, without building anew: the way to bring security updates of the stack to apps. ' +
    "With --all every app that is behind gets a release, one after the other; one that does not come up keeps its old release. That takes an admin's token.";
  static override examples = ['mothership stack:update -a example-app', 'mothership stack:update --all'];
  static override flags = { all: Flags.boolean({ description: 'All apps that are behind', exclusive: ['app'] }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(StackUpdate);
    if (flags.all) {
      const result = await this.carryOut(flags, 'Updating the stack of all apps', (api) => api.call('stackUpdateAll'));
      if (result) this.print(flags, result, () => (result['updated'] as string[] | undefined) ?? []);
      return;
    }
    const app = await this.app(flags);
    const result = await this.carryOut(flags, `Updating the stack of ${app}`, (api) =>
      api.call('stackUpdate', { params: { app } }),
    );
    if (!result) return;
    if (result['updated'] === false) this.progress.line(`${app} is on the newest run image.`);
    this.print(flags, result, () => []);
  }
}
