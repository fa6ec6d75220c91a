import * as Flags from '@oclif/core/flags';
import type { Release } from '#api';
import { AppCommand } from '#cli/command/base-command.ts';
import { heading, table } from '#cli/output/table.ts';
import { formatTime } from '#cli/output/text.ts';

export default class ReleasesIndex extends AppCommand {
  static override summary = 'List the releases of an app';
  static override description = 'Lists releases, newest first. Every deploy, rollback and config change creates one.';
  static override examples = [
    'mothership releases -a example-app',
    'mothership releases -n 50',
    'mothership releases --json',
  ];
  static override flags = {
    num: Flags.integer({ char: 'n', description: 'Number of releases to show', default: 15, min: 1 }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ReleasesIndex);
    const app = await this.app();
    const all = await this.call('releasesList', { params: { app } });
    const releases = all.slice(0, flags.num);
    this.print(releases, (paint) => {
      if (releases.length === 0) return [`${app} has no releases yet.`];
      const current = all.find((release) => release.current);
      const rows = table(
        releases,
        {
          Release: ({ version }) => `v${version}`,
          Description: describe,
          By: ({ by }) => by,
          When: ({ createdAt }) => formatTime(createdAt, this.now),
        },
        paint,
      );
      return [heading(`${app} Releases${current ? ` - Current: v${current.version}` : ''}`, paint), '', ...rows];
    });
  }
}

function describe({ description, status }: Release): string {
  return status === 'succeeded' ? description : `${description} (${status})`;
}
