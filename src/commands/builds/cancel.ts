import { optionalArg } from '#cli/program/args.ts';
import { BuildCommand } from '#cli/command/build-command.ts';

export default class BuildsCancel extends BuildCommand {
  static override summary = 'Cancel a build';
  static override description = 'Cancels a build, by default the newest. The current release keeps running.';
  static override examples = ['mothership builds:cancel -a example-app', 'mothership builds:cancel b-3f2a'];
  static override args = { build: optionalArg('Build id; defaults to the newest') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BuildsCancel);
    const app = await this.app(flags);
    const api = await this.api(flags);
    const { id } = await this.build(api, app, args.build);
    this.progress.start(`Cancelling build ${id}`);
    const build = await api.call('buildsCancel', { params: { app, build: id } });
    this.progress.done();
    this.print(flags, build, () => []);
  }
}
