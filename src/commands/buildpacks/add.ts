import * as Flags from '@oclif/core/flags';
import { requiredArg } from '#cli/program/args.ts';
import { BuildpackCommand } from '#cli/command/buildpack-command.ts';

export default class BuildpacksAdd extends BuildpackCommand {
  static override summary = 'Add a buildpack to an app';
  static override description =
    "Adds a buildpack after the app's others, or before the one at --index. Takes effect with the next build.";
  static override examples = [
    'mothership buildpacks:add heroku/nodejs -a example-app',
    'mothership buildpacks:add --index 1 https://example.com/buildpack.tgz',
  ];
  static override args = { buildpack: requiredArg('Name or URL of the buildpack') };
  static override flags = {
    index: Flags.integer({ char: 'i', description: 'Position to insert it at, starting at 1', min: 1 }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BuildpacksAdd);
    await this.change(`Adding ${args.buildpack}`, {
      action: 'add',
      buildpack: args.buildpack,
      index: flags.index,
    });
  }
}
