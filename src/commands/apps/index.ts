import { BaseCommand } from '../../cli/command/base-command.ts';
import { table } from '../../cli/output/table.ts';

export default class AppsIndex extends BaseCommand {
  static override summary = 'List apps';
  static override description = 'Lists every app of the cluster with the release that runs.';
  static override examples = ['mothership apps', 'mothership apps --json'];

  async run(): Promise<void> {
    const { flags } = await this.parse(AppsIndex);
    const apps = await (await this.api(flags)).call('appsList');
    this.print(flags, apps, (paint) => {
      if (apps.length === 0) return ['There are no apps yet; `mothership deploy` in a folder makes one.'];
      return table(
        apps,
        {
          Name: (app) => app.name,
          Release: (app) => (app.release ? `v${app.release.version}` : ''),
          Web: (app) => app.url,
        },
        paint,
      );
    });
  }
}
