import { confirmFlag } from '#cli/program/args.ts';
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
    confirm: confirmFlag('app'),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DomainsClear);
    const app = await this.app();
    const api = await this.api();
    await confirmName(this.io, app, flags.confirm, `This removes all domains from ${app}.`);
    const domains = await this.step(`Removing all domains from ${app}`, api.call('domainsClear', { params: { app } }));
    this.print(domains, () => domains.map(({ domain }) => domain));
  }
}
