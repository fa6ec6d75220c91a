import { counted } from '#values/counted.ts';
import { AppCommand } from '#cli/command/base-command.ts';

export default class BuildsCachePurge extends AppCommand {
  static override summary = 'Delete the build cache of an app';
  static override description =
    "Deletes the app's build cache and cached layers on all nodes. The next build starts from " +
    'scratch. Running processes are not affected.';
  static override examples = ['mothership builds:cache:purge -a example-app'];

  async run(): Promise<void> {
    await this.parse(BuildsCachePurge);
    const app = await this.app();
    const purged = await this.step(
      `Purging the build cache of ${app}`,
      this.call('buildsCachePurge', { params: { app } }),
      ({ nodes }) => `done, on ${counted(nodes.length, 'nodes')}`,
    );
    if (purged.missed.length > 0)
      this.progress.line(
        `Did not purge ${purged.missed.join(', ')} (no response). Run the command again when they are back.`,
      );
    this.print(purged);
  }
}
