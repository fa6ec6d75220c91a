import { ReleaseCommand } from '#cli/command/release-command.ts';

export default class ReleasesRetry extends ReleaseCommand {
  static override summary = 'Retry the newest release after it failed';
  static override description =
    'Copies the newest release, which failed, into a new release: the same image and config vars. Its release ' +
    'command runs again. For an app whose database was away, for example.';
  static override examples = ['mothership releases:retry -a example-app'];

  async run(): Promise<void> {
    await this.parse(ReleasesRetry);
    const app = await this.app();
    const [newest] = await this.call('releasesList', { params: { app } });
    const label = `Retrying ${newest ? `v${newest.version} on ` : ''}${app}`;
    const result = await this.carryOut(label, (api) => api.call('releasesRetry', { params: { app } }));
    if (result) this.print({ app, ...result, phases: this.progress.timings });
  }
}
