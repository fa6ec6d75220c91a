import { optionalArg } from '#cli/program/args.ts';
import { ReleaseCommand } from '#cli/command/release-command.ts';
import { parseReleaseVersion } from '#cli/parse/version-args.ts';

export default class ReleasesRollback extends ReleaseCommand {
  static override summary = 'Roll back to an earlier release';
  static override description =
    'Creates a new release with the image and config vars of an earlier one, by default the ' +
    'previous. App data is not affected.';
  static override examples = [
    'mothership rollback -a example-app',
    'mothership rollback v7',
    'mothership releases:rollback v7 --no-wait',
  ];
  static override aliases = ['rollback'];
  static override args = { release: optionalArg('Release to roll back to, such as v7') };

  async run(): Promise<void> {
    const { args } = await this.parse(ReleasesRollback);
    const given = args.release ? parseReleaseVersion(args.release, 'rollback') : undefined;
    const app = await this.app();
    const version = given ?? (await this.#previous(app));
    const label = `Rolling ${app} back${version ? ` to v${version}` : ''}`;
    const result = await this.carryOut(label, (api) =>
      api.call('releasesRollback', { params: { app }, body: version ? { version } : {} }),
    );
    if (!result) return;
    this.print({ app, ...result, phases: this.progress.timings });
  }

  /** The release that the cluster would choose; undefined if it has none. */
  async #previous(app: string): Promise<number | undefined> {
    const all = await this.call('releasesList', { params: { app } });
    const live = all.find(({ current }) => current)?.version ?? 0;
    return all.find(({ version, status, image }) => version < live && status === 'succeeded' && image)?.version;
  }
}
