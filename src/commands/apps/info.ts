import type { App } from '#api';
import { formatSize } from '#values/size.ts';
import { AppCommand } from '#cli/command/base-command.ts';
import { fields, heading } from '#cli/output/table.ts';
import { formatTime, type Paint } from '#cli/output/text.ts';
import { webUrl } from '#cli/output/web-url.ts';

export default class AppsInfo extends AppCommand {
  static override summary = 'Show an app';
  static override description = "Shows the app's URL, release, processes and domains.";
  static override examples = ['mothership apps:info -a example-app', 'mothership info --json'];
  static override aliases = ['info'];

  async run(): Promise<void> {
    await this.parse(AppsInfo);
    const app = await this.call('appsInfo', { params: { app: await this.app() } });
    this.print(app, (paint) => describe(app, this.now, paint));
  }
}

function describe(app: App, now: number, paint: Paint): string[] {
  const { release, operation } = app;
  const rows = {
    Web: webUrl(app) ?? 'none (no web process)',
    Release: release
      ? `v${release.version}, ${release.description}, ${formatTime(release.createdAt, now)}`
      : 'none yet',
    Processes:
      app.formation.map((line) => `${line.type}: ${line.quantity} x ${formatSize(line.size)}`).join('\n') || undefined,
    Domains: app.domains.join('\n') || undefined,
    Root: app.source?.root,
    Watches: app.source?.watch.join('\n') || undefined,
    Maintenance: app.maintenance ? 'on' : undefined,
    Stack: app.stack,
    Created: formatTime(app.createdAt, now),
    'In progress': operation
      ? `${operation.kind} by ${operation.by}, ${formatTime(operation.startedAt, now)}`
      : undefined,
  };
  return [heading(app.name, paint), '', ...fields(rows, paint)];
}
