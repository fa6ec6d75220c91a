import type { OperationEvent } from '#api';
import { optionalArg } from '#cli/program/args.ts';
import { hasColor } from '#cli/program/io.ts';
import { AppCommand } from '#cli/command/base-command.ts';
import { printable, toJson } from '#cli/output/text.ts';
import { parseReleaseVersion } from '#cli/parse/version-args.ts';
import { fail } from '#errors';

export default class ReleasesOutput extends AppCommand {
  static override summary = 'View the release command output';
  static override description =
    "Prints what a release's command wrote and, if its processes failed to start, their last lines, and follows it " +
    'while it runs. With --json, each line is an object.';
  static override examples = ['mothership releases:output -a example-app', 'mothership releases:output v7'];
  static override args = { release: optionalArg('Release, such as v7; defaults to the newest') };

  async run(): Promise<void> {
    const { args } = await this.parse(ReleasesOutput);
    const app = await this.app();
    const version = args.release ? parseReleaseVersion(args.release, 'releases:output') : await this.#newest(app);
    const [api, params] = [await this.api(), { app, release: `v${version}` }];
    let [from, hasOutput] = [0, false];
    const resume = () => ({ params, query: { from } });
    for await (const event of api.follow('releasesOutput', { what: `release v${version}`, resume })) {
      from = event.n + 1;
      hasOutput = this.#show(event) || hasOutput;
    }
    if (!hasOutput) this.notice(`Release v${version} has no release output available.`, 'warning');
  }

  /** Returns whether there was something to show. */
  #show(event: OperationEvent): boolean {
    const line = event.type === 'output' ? event.line : event.type === 'failed' ? event.error.message : undefined;
    if (this.given.json) this.io.stdout.write(`${toJson(event)}\n`);
    else if (line !== undefined) this.io.stdout.write(`${printable(line, hasColor(this.io.stdout, this.io))}\n`);
    return line !== undefined || this.given.json === true;
  }

  async #newest(app: string): Promise<number> {
    const [newest] = await this.call('releasesList', { params: { app } });
    if (!newest) throw fail('APP_HAS_NO_RELEASE', { app });
    return newest.version;
  }
}
