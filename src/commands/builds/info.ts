import type { Build } from '#api';
import { optionalArg } from '#cli/program/args.ts';
import { BuildCommand } from '#cli/command/build-command.ts';
import { fields, heading } from '#cli/output/table.ts';
import { formatBytes, formatDuration, formatTime, type Paint } from '#cli/output/text.ts';

export default class BuildsInfo extends BuildCommand {
  static override summary = 'Show a build';
  static override description =
    'Shows how a build was made, how long it took and its result. Defaults to the newest build.';
  static override examples = ['mothership builds:info -a example-app', 'mothership builds:info b-3f2a'];
  static override args = { build: optionalArg('Build id; defaults to the newest') };

  async run(): Promise<void> {
    const { args } = await this.parse(BuildsInfo);
    const build = await this.build(await this.app(), args.build);
    this.print(build, (paint) => describe(build, this.now, paint));
  }
}

function describe(build: Build, now: number, paint: Paint): string[] {
  const rows = {
    Status: build.status,
    Error: build.error ?? undefined,
    Kind: build.kind,
    Buildpacks: build.buildpacks.join(', ') || undefined,
    Stack: build.stack ?? undefined,
    Source: build.ref ?? undefined,
    By: build.by,
    When: formatTime(build.createdAt, now),
    Took: build.finishedAt ? formatDuration(Date.parse(build.finishedAt) - Date.parse(build.createdAt)) : undefined,
    Image: build.image ? `${build.image}${build.sizeBytes ? `, ${formatBytes(build.sizeBytes)}` : ''}` : undefined,
    'Built on': build.builder ?? undefined,
    Release: build.release ? `v${build.release}` : undefined,
  };
  return [heading(`Build ${build.id}`, paint), '', ...fields(rows, paint)];
}
