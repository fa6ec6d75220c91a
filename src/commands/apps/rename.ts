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
    const { args, flags } = await this.parse(AppsRename);
    const name = await this.app(flags);
    const api = await this.api(flags);
    this.progress.start(`Renaming ${name} to ${args.name}`);
    const app = await api.call('appsUpdate', { params: { app: name }, body: { name: args.name } });
    this.progress.done();
    const folder = (await this.project(flags))?.folder;
    const project = folder ? await readProject(folder) : undefined;
    if (project?.app === name) await writeProject({ ...project, app: app.name });
    this.print(flags, app, () => [app.url]);
  }
}
