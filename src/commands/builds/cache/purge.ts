import { AppCommand } from '#cli/command/base-command.ts';

export default class BuildsCachePurge extends AppCommand {
  static override summary = 'Delete the build cache of an app';
  static override description =
    "Deletes the app's build cache and cached layers on all nodes. The next build starts from " +
    'scratch. Running processes are not affected.';
  static override examples = ['mothership builds:cache:purge -a example-app'];

  async run(): Promise<void> {
    const { flags } = await this.parse(BuildsCachePurge);
    const app = await this.app(flags);
    this.progress.start(`Purging the build cache of ${app}`);
    const purged = await (await this.api(flags)).call('buildsCachePurge', { params: { app } });
    this.progress.done(`done, on ${purged.nodes.length === 1 ? 'one node' : `${purged.nodes.length} nodes`}`);
    if (purged.missed.length > 0)
      this.progress.line(
        `Did not purge ${purged.missed.join(', ')} (no response). Run the command again when they are back.`,
      );
    this.print(flags, purged, () => []);
  }
}
