import { optionalArg } from '#cli/program/args.ts';
import { BuildCommand } from '#cli/command/build-command.ts';

export default class BuildsCancel extends BuildCommand {
  static override summary = 'Cancel a build';
  static override description = 'Cancels a build, by default the newest. The current release, if any, keeps running.';
  static override examples = ['mothership builds:cancel -a example-app', 'mothership builds:cancel b-3f2a'];
  static override args = { build: optionalArg('Build id; defaults to the newest') };

  async run(): Promise<void> {
    const { args } = await this.parse(BuildsCancel);
    const app = await this.app();
    const { id } = await this.build(app, args.build);
    const build = await this.step(`Cancelling build ${id}`, this.call('buildsCancel', { params: { app, build: id } }));
    this.print(build);
  }
}
