import * as Flags from '@oclif/core/flags';
import { AppCommand } from '#cli/command/base-command.ts';
import { heading, table } from '#cli/output/table.ts';
import { formatTime } from '#cli/output/text.ts';

export default class BuildsIndex extends AppCommand {
  static override summary = 'List the builds of an app';
  static override description = 'Lists builds, newest first, with the release each one created.';
  static override examples = ['mothership builds -a example-app', 'mothership builds --json'];
  static override flags = {
    num: Flags.integer({ char: 'n', description: 'Number of builds to show', default: 15, min: 1 }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(BuildsIndex);
    const app = await this.app();
    const builds = (await this.call('buildsList', { params: { app } })).slice(0, flags.num);
    this.print(builds, (paint) => {
      if (builds.length === 0) return [`${app} has no builds yet.`];
      const columns = {
        Build: ({ id }: (typeof builds)[0]) => id,
        Status: ({ status }: (typeof builds)[0]) => status,
        Source: ({ ref }: (typeof builds)[0]) => ref ?? '',
        Release: ({ release }: (typeof builds)[0]) => (release ? `v${release}` : ''),
        By: ({ by }: (typeof builds)[0]) => by,
        When: ({ createdAt }: (typeof builds)[0]) => formatTime(createdAt, this.now),
      };
      return [heading(`${app} Builds`, paint), '', ...table(builds, columns, paint)];
    });
  }
}
