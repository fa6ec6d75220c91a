import * as Flags from '@oclif/core/flags';
import type { App } from '#api';
import { optionalArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';
import { fields, heading } from '#cli/output/table.ts';
import type { Paint } from '#cli/output/text.ts';
import { fail } from '#errors';

export default class AppsRoot extends AppCommand {
  static override summary = 'Show or set the folder of an app within its repository';
  static override description =
    'Sets the folder that the app is built from, relative to the top of the repository. ' +
    'Deploys from anywhere in the repository then send only that folder and the watch paths, ' +
    'and create no release if none of them has changed. ' +
    '--watch replaces all watch paths. `.` is the top of the repository; without --watch, the ' +
    'whole deployed folder belongs to the app, which is the default. Without FOLDER, shows the ' +
    'current root.';
  static override examples = [
    'mothership apps:root -a example-app',
    'mothership apps:root services/api -a example-app',
    'mothership apps:root services/api --watch libs/shared --watch "packages/*/package.json"',
    'mothership apps:root .',
  ];
  static override args = { folder: optionalArg('Folder within the repository, relative to its top') };
  static override flags = {
    watch: Flags.string({
      char: 'w',
      description:
        'Path or glob (.gitignore syntax), relative to the top, that also belongs to the app; can be repeated',
      helpValue: 'GLOB',
      multiple: true,
      multipleNonGreedy: true,
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AppsRoot);
    const name = await this.app();
    if (args.folder === undefined) {
      if (flags.watch) throw fail('USAGE_INVALID', { why: '--watch requires a FOLDER', command: 'apps:root' });
      const app = await this.call('appsInfo', { params: { app: name } });
      return this.print(asJson(app), (paint) => describe(app, paint));
    }
    const source = { root: args.folder, ...(flags.watch ? { watch: flags.watch } : {}) };
    const app = await this.step(
      `Setting the root of ${name}`,
      this.call('appsUpdate', { params: { app: name }, body: { source } }),
      ({ source }) => (source ? `done, ${source.root}` : 'done, the whole deployed folder'),
    );
    this.print(asJson(app));
  }
}

function asJson({ name, source }: App): object {
  return { app: name, root: source?.root ?? '.', watch: source?.watch ?? [] };
}

function describe({ name, source }: App, paint: Paint): string[] {
  if (!source) return [`${name} has no root: the whole deployed folder belongs to it.`];
  return [
    heading(`${name} Source`, paint),
    '',
    ...fields({ Root: source.root, Watches: source.watch.join('\n') || undefined }, paint),
  ];
}
