import type { Buildpack } from '#api';
import { optionalArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';
import { fields, heading } from '#cli/output/table.ts';
import type { Paint } from '#cli/output/text.ts';
import { fail } from '#errors';

export default class BuildpacksInfo extends AppCommand {
  static override summary = "Show where an app's buildpacks come from";
  static override description =
    'Shows where a buildpack comes from and which version, commit or digest the newest ' +
    'successful build used. Without a name, shows all of them.';
  static override examples = [
    'mothership buildpacks:info -a example-app',
    'mothership buildpacks:info heroku/nodejs --json',
  ];
  static override args = { buildpack: optionalArg('Name or URL of the buildpack, as it was set; defaults to all') };

  async run(): Promise<void> {
    const { args } = await this.parse(BuildpacksInfo);
    const app = await this.app();
    const all = await this.call('buildpacksList', { params: { app } });
    const wanted = args.buildpack === undefined ? all : all.filter(({ name }) => name === args.buildpack);
    if (args.buildpack !== undefined && wanted.length === 0)
      throw fail('BUILDPACK_NOT_SET', { app, name: `"${args.buildpack}"`, known: all.map(({ name }) => name) });
    this.print(wanted, (paint) =>
      wanted.flatMap((buildpack, index) => [...(index > 0 ? [''] : []), ...describe(buildpack, paint)]),
    );
  }
}

function describe({ position, name, kind, url, ref, version }: Buildpack, paint: Paint): string[] {
  const from = { stack: 'part of the stack', git: 'Git repository', archive: 'archive' };
  const rows = {
    Position: String(position),
    From: kind === 'stack' && url ? `${from.stack}, or else ${url}` : from[kind],
    URL: kind === 'stack' ? undefined : (url ?? undefined),
    Ref: ref ?? undefined,
    Version: version ?? 'not built yet',
  };
  return [heading(name, paint), '', ...fields(rows, paint)];
}
