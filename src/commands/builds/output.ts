import { optionalArg } from '#cli/program/args.ts';
import { BuildCommand } from '#cli/command/build-command.ts';
import { hasColor } from '#cli/program/io.ts';
import { printable, toJson } from '#cli/output/text.ts';

export default class BuildsOutput extends BuildCommand {
  static override summary = 'Show the output of a build';
  static override description =
    'Prints the output of a build, by default the newest, and follows it while it runs. With ' +
    '--json, each line is an object.';
  static override examples = ['mothership builds:output -a example-app', 'mothership builds:output b-3f2a > build.log'];
  static override args = { build: optionalArg('Build id; defaults to the newest') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BuildsOutput);
    const app = await this.app();
    const api = await this.api();
    const build = await this.build(app, args.build);
    const params = { app, build: build.id };
    let from = 0;
    for await (const event of api.follow('buildsOutput', {
      what: `build ${build.id}`,
      resume: () => ({ params, query: { from } }),
    })) {
      from = event.n + 1;
      if (flags.json) this.io.stdout.write(`${toJson(event)}\n`);
      else if (event.type === 'output')
        this.io.stdout.write(`${printable(event.line, hasColor(this.io.stdout, this.io))}\n`);
    }
  }
}
