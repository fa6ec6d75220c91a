import * as Flags from '@oclif/core/flags';
import { requiredArg } from '#cli/program/args.ts';
import { BuildpackCommand } from '#cli/command/buildpack-command.ts';

export default class BuildpacksSet extends BuildpackCommand {
  static override summary = 'Set the buildpack of an app';
  static override description =
    "Replaces the app's first buildpack, or the one at --index. A buildpack is a name " +
    '(nodejs, heroku/nodejs), a Git URL with an optional branch, tag or commit after #, or an ' +
    'archive (.tgz). Takes effect with the next build.';
  static override examples = [
    'mothership buildpacks:set nodejs -a example-app',
    'mothership buildpacks:set https://example.com/buildpack#v1.2 --index 2',
  ];
  static override args = { buildpack: requiredArg('Name or URL of the buildpack') };
  static override flags = {
    index: Flags.integer({ char: 'i', description: 'Position of the buildpack to replace, starting at 1', min: 1 }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BuildpacksSet);
    await this.change(`Setting ${args.buildpack}`, {
      action: 'set',
      buildpack: args.buildpack,
      index: flags.index,
    });
  }
}
