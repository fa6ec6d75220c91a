import { requiredArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';
import { readProject, writeProject } from '#cli/session/project.ts';

export default class AppsRename extends AppCommand {
  static override summary = 'Rename an app';
  static override description =
    "Renames the app, which changes its URL; custom domains stay. Updates the folder's .mothership.json.";
  static override examples = ['mothership apps:rename new-name -a example-app'];
  static override aliases = ['rename'];
  static override args = { name: requiredArg('New name') };

  async run(): Promise<void> {
    const { args } = await this.parse(AppsRename);
    const name = await this.app();
    const app = await this.step(
      `Renaming ${name} to ${args.name}`,
      this.call('appsUpdate', { params: { app: name }, body: { name: args.name } }),
    );
    const folder = (await this.project())?.folder;
    const project = folder ? await readProject(folder) : undefined;
    if (project?.app === name) await writeProject({ ...project, app: app.name });
    this.print(app, () => [app.url]);
  }
}
