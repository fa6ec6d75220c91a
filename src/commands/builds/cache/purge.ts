import { AppCommand } from '../../../cli/command/base-command.ts';

export default class BuildsCachePurge extends AppCommand {
  static override summary = 'Forget what builds of an app kept for the next one';
  static override description =
    'Deletes the build cache of an app, and the layers kept for it, on all nodes. The next build starts from nothing; what runs is not touched.';
  static override examples = ['mothership builds:cache:purge -a example-app'];

  async run(): Promise<void> {
    const { flags } = await this.parse(BuildsCachePurge);
    const app = await this.app(flags);
    this.progress.start(`Purging the build cache of ${app}`);
    const purged = await (await this.api(flags)).call('buildsCachePurge', { params: { app } });
    this.progress.done(`done, on ${purged.nodes.length === 1 ? 'one node' : `${purged.nodes.length} nodes`}`);
    if (purged.missed.length > 0)
      this.progress.line(`Not on ${purged.missed.join(', ')}, which did not answer: purge again when they do.`);
    this.print(flags, purged, () => []);
  }
}
