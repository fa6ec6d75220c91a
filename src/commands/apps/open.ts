import * as Flags from '@oclif/core/flags';
import { optionalArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';
import { openInBrowser } from '#cli/files/programs.ts';

export default class AppsOpen extends AppCommand {
  static override summary = 'Open an app in the browser';
  static override examples = ['mothership open -a example-app', 'mothership open /admin', 'mothership open --print'];
  static override description = 'Opens the app in your browser.';
  static override aliases = ['open'];
  static override args = { path: optionalArg('Path to open, such as /admin') };
  static override flags = { print: Flags.boolean({ description: 'Print the URL instead of opening it' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AppsOpen);
    const app = await this.call('appsInfo', { params: { app: await this.app() } });
    const url = new URL(`/${(args.path ?? '').replace(/^\/+/, '')}`, app.url).href;
    if (!flags.json && !flags.print) {
      this.progress.start(`Opening ${url}`);
      await openInBrowser(url, this.io);
      return this.progress.done();
    }
    this.print({ url }, () => [url]);
  }
}
