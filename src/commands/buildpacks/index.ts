import { AppCommand } from '#cli/command/base-command.ts';
import { buildpackLines } from '#cli/command/buildpack-command.ts';
import { heading } from '#cli/output/table.ts';

export default class BuildpacksIndex extends AppCommand {
  static override summary = 'List the buildpacks of an app';
  static override description =
    'Lists the buildpacks set on the app, in the order they run. If none is set, the app is ' +
    "built by those in .buildpacks or app.json, or else by the first of the stack's " +
    'buildpacks that detects it.';
  static override examples = ['mothership buildpacks -a example-app', 'mothership buildpacks --json'];

  async run(): Promise<void> {
    await this.parse(BuildpacksIndex);
    const app = await this.app();
    const buildpacks = await this.call('buildpacksList', { params: { app } });
    const none = [`${app} has no buildpacks set. The next build detects its buildpack.`];
    this.print(buildpacks, (paint) =>
      buildpacks.length === 0 ? none : [heading(`${app} Buildpacks`, paint), '', ...buildpackLines(buildpacks)],
    );
  }
}
