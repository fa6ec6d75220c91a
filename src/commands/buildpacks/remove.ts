import * as Flags from '@oclif/core/flags';
import { optionalArg } from '#cli/program/args.ts';
import { BuildpackCommand } from '#cli/command/buildpack-command.ts';
import { fail } from '#errors';

export default class BuildpacksRemove extends BuildpackCommand {
  static override summary = 'Remove a buildpack from an app';
  static override description = 'Removes a buildpack by name or position. Takes effect with the next build.';
  static override examples = [
    'mothership buildpacks:remove heroku/nodejs -a example-app',
    'mothership buildpacks:remove --index 2',
  ];
  static override args = { buildpack: optionalArg('Name or URL of the buildpack, as it was set') };
  static override flags = {
    index: Flags.integer({ char: 'i', description: 'Position of the buildpack to remove, starting at 1', min: 1 }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BuildpacksRemove);
    if ((args.buildpack === undefined) === (flags.index === undefined))
      throw fail('USAGE_INVALID', { why: 'Specify either a buildpack or --index', command: 'buildpacks:remove' });
    await this.change(`Removing ${args.buildpack ?? `buildpack ${flags.index}`}`, {
      action: 'remove',
      buildpack: args.buildpack,
      index: flags.index,
    });
  }
}
