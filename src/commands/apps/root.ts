import * as Flags from '@oclif/core/flags';
import type { App } from '../../api/index.ts';
import { optionalArg } from '../../cli/program/args.ts';
import { AppCommand } from '../../cli/command/base-command.ts';
import { fields, heading } from '../../cli/output/table.ts';
import type { Paint } from '../../cli/output/text.ts';
import { fail } from '../../errors/index.ts';

export default class AppsRoot extends AppCommand {
  static override summary = 'Say where in its repository an app lives';
  static override description =
    "With a FOLDER, from the repository's top, that is the app's root from now on: a deploy from anywhere in the repository sends the root and what the app watches, builds the root, and makes no release when none of it has changed. " +
    'What an app watches is given with --watch each time, or taken away. `.` is the top: with no --watch the app is all of what is deployed, as at first. Without a FOLDER the root is shown.';
  static override examples = [
    'mothership apps:root -a example-app',
    'mothership apps:root services/api -a example-app',
    'mothership apps:root services/api --watch libs/shared --watch "packages/*/package.json"',
    'mothership apps:root .',
  ];
  static override args = { folder: optionalArg('Folder of the repository, from its top') };
  static override flags = {
    watch: Flags.string({
      char: 'w',
      description:
        'What else of the repository the app is made of: a path or a glob, as in .gitignore, from the top. May be repeated',
      helpValue: 'GLOB',
      multiple: true,
      multipleNonGreedy: true,
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AppsRoot);
    const name = await this.app(flags);
    const api = await this.api(flags);
    if (args.folder === undefined) {
      if (flags.watch)
        throw fail('USAGE_INVALID', { why: '--watch comes with the FOLDER that is the root', command: 'apps:root' });
      const app = await api.call('appsInfo', { params: { app: name } });
      return this.print(flags, asJson(app), (paint) => describe(app, paint));
    }
    this.progress.start(`Setting the root of ${name}`);
    const app = await api.call('appsUpdate', {
      params: { app: name },
      body: { source: { root: args.folder, ...(flags.watch ? { watch: flags.watch } : {}) } },
    });
    this.progress.done(app.source ? `done, ${app.source.root}` : 'done, it is all of what is deployed');
    this.print(flags, asJson(app), () => []);
  }
}

function asJson({ name, source }: App): object {
  return { app: name, root: source?.root ?? '.', watch: source?.watch ?? [] };
}

function describe({ name, source }: App, paint: Paint): string[] {
  if (!source) return [`${name} is all of what is deployed.`];
  return [
    heading(`${name} Source`, paint),
    '',
    ...fields({ Root: source.root, Watches: source.watch.join('\n') || undefined }, paint),
  ];
}
