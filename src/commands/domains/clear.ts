import * as Flags from '@oclif/core/flags';
import { AppCommand } from '#cli/command/base-command.ts';
import { confirmName } from '#cli/output/prompts.ts';

export default class DomainsClear extends AppCommand {
  static override summary = 'Remove all domains of an app';
  static override description = 'Removes all host names except the one the cluster assigned.';
  static override examples = [
    'mothership domains:clear -a example-app',
    'mothership domains:clear -a example-app --confirm example-app',
  ];
  static override flags = {
    confirm: Flags.string({
      char: 'c',
      description: 'Name of the app, to skip the prompt',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DomainsClear);
    const app = await this.app(flags);
    const api = await this.api(flags);
    await confirmName(this.io, app, flags.confirm, `This removes all domains from ${app}.`);
    this.progress.start(`Removing all domains from ${app}`);
    const domains = await api.call('domainsClear', { params: { app } });
    this.progress.done();
    this.print(flags, domains, () => domains.map(({ domain }) => domain));
  }
}
