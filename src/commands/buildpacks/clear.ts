import { confirmFlag } from '#cli/program/args.ts';
import { BuildpackCommand } from '#cli/command/buildpack-command.ts';
import { confirmName } from '#cli/output/prompts.ts';

export default class BuildpacksClear extends BuildpackCommand {
  static override summary = 'Remove all buildpacks from an app';
  static override description = 'Removes all buildpacks set on the app. The next build detects its buildpack.';
  static override examples = [
    'mothership buildpacks:clear -a example-app',
    'mothership buildpacks:clear -a example-app --confirm example-app',
  ];
  static override flags = {
    confirm: confirmFlag('app'),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(BuildpacksClear);
    const app = await this.app();
    await confirmName(this.io, app, flags.confirm, `This removes all buildpacks from ${app}.`);
    await this.change('Removing all buildpacks', { action: 'clear' });
  }
}
