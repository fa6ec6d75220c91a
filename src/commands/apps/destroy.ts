import * as Flags from '@oclif/core/flags';
import { AppCommand } from '#cli/command/base-command.ts';
import { removeProject } from '#cli/session/project.ts';
import { confirmName } from '#cli/output/prompts.ts';

export default class AppsDestroy extends AppCommand {
  static override summary = 'Destroy an app';
  static override description =
    'Stops the app and deletes its releases, builds, config vars and domains. This cannot be undone.';
  static override examples = [
    'mothership apps:destroy -a example-app',
    'mothership apps:destroy -a example-app --confirm example-app',
  ];
  static override aliases = ['destroy', 'apps:delete'];
  static override flags = {
    confirm: Flags.string({
      char: 'c',
      description: 'Name of the app, to skip the prompt',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(AppsDestroy);
    const name = await this.app(flags);
    const api = await this.api(flags);
    await api.call('appsInfo', { params: { app: name } });
    const confirm = await confirmName(this.io, name, flags.confirm, `This destroys ${name} and everything it owns.`);
    this.progress.start(`Destroying ${name}`);
    const app = await api.call('appsDestroy', { params: { app: name }, query: { confirm } });
    this.progress.done();
    await removeProject(this.io.cwd, name);
    this.print(flags, app, () => []);
  }
}
