import { BaseCommand } from '#cli/command/base-command.ts';
import { table } from '#cli/output/table.ts';
import { webUrl } from '#cli/output/web-url.ts';

export default class AppsIndex extends BaseCommand {
  static override summary = 'List apps';
  static override description = 'Lists all apps on the cluster with their current release.';
  static override examples = ['mothership apps', 'mothership apps --json'];

  async run(): Promise<void> {
    await this.parse(AppsIndex);
    const apps = await this.call('appsList');
    this.print(apps, (paint) => {
      if (apps.length === 0) return ['There are no apps yet. Run `mothership deploy` in a folder to create one.'];
      return table(
        apps,
        {
          Name: (app) => app.name,
          Release: (app) => (app.release ? `v${app.release.version}` : ''),
          Web: (app) => webUrl(app) ?? '',
        },
        paint,
      );
    });
  }
}
