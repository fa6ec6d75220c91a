import * as Flags from '@oclif/core/flags';
import { defined } from '#values/defined.ts';
import { optionalArg } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { readProject, writeProject } from '#cli/session/project.ts';

export default class AppsCreate extends BaseCommand {
  static override summary = 'Create an app';
  static override description =
    'Creates an app without deploying anything. Without a name, one is generated. If the ' +
    'folder does not belong to an app yet, the name is saved in .mothership.json.';
  static override examples = [
    'mothership apps:create example-app',
    'mothership apps:create example-app --stack debian-13',
    'mothership apps:create example-app --buildpack heroku/nodejs',
  ];
  static override aliases = ['create'];
  static override args = { name: optionalArg('App name: 2 to 30 lower-case letters, digits and dashes') };
  static override flags = {
    stack: Flags.string({ char: 's', description: 'Stack to build and run on', helpValue: 'STACK' }),
    buildpack: Flags.string({
      char: 'b',
      description: 'Name or URL of a buildpack; repeat it to set several, in order',
      helpValue: 'BUILDPACK',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'no-link': Flags.boolean({ description: 'Do not save the name in .mothership.json' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AppsCreate);
    const body = defined({
      name: args.name || undefined,
      stack: flags.stack || undefined,
      buildpacks: flags.buildpack,
    });
    const app = await this.step(
      `Creating ${args.name ?? 'an app'}`,
      this.call('appsCreate', { body }),
      ({ name }) => `done, ${name}`,
    );
    if (!flags['no-link'] && !(await readProject(this.io.cwd))) {
      const { context } = await this.session();
      await writeProject({ folder: this.io.cwd, app: app.name, ...(context ? { context } : {}) });
    }
    this.print(app, () => [app.url]);
  }
}
