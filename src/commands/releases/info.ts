import type { Release } from '#api';
import { optionalArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';
import { fields, heading } from '#cli/output/table.ts';
import { formatTime, type Paint } from '#cli/output/text.ts';
import { parseReleaseVersion } from '#cli/parse/version-args.ts';

export default class ReleasesInfo extends AppCommand {
  static override summary = 'Show a release';
  static override description =
    'Shows the image, process types and config var names of a release. Defaults to the current release.';
  static override examples = ['mothership releases:info -a example-app', 'mothership releases:info v7'];
  static override args = { release: optionalArg('Release, such as v7') };

  async run(): Promise<void> {
    const { args } = await this.parse(ReleasesInfo);
    const release = args.release ? `v${parseReleaseVersion(args.release, 'releases:info')}` : 'current';
    const info = await this.call('releasesInfo', { params: { app: await this.app(), release } });
    this.print(info, (paint) => describe(info, this.now, paint));
  }
}

function describe(release: Release, now: number, paint: Paint): string[] {
  const rows = {
    Change: release.description,
    By: release.by,
    When: formatTime(release.createdAt, now),
    Status: release.current ? 'current' : release.status,
    Error: release.error ?? undefined,
    Source: release.ref ?? undefined,
    Build: release.build ?? undefined,
    Image: release.image ?? undefined,
    Processes:
      Object.entries(release.processTypes)
        .map(([type, command]) => (command ? `${type}: ${command}` : type))
        .join('\n') || undefined,
    'Config vars': release.configKeys.join(', ') || undefined,
  };
  return [heading(`Release v${release.version}`, paint), '', ...fields(rows, paint)];
}
