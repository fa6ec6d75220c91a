import { confirmFlag } from '#cli/program/args.ts';
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
    confirm: confirmFlag('app'),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(AppsDestroy);
    const name = await this.app();
    await this.call('appsInfo', { params: { app: name } });
    const confirm = await confirmName(this.io, name, flags.confirm, `This destroys ${name} and everything it owns.`);
    const app = await this.step(
      `Destroying ${name}`,
      this.call('appsDestroy', { params: { app: name }, query: { confirm } }),
    );
    await removeProject(this.io.cwd, name);
    this.print(app);
  }
}
