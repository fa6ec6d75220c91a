import { AppCommand } from '#cli/command/base-command.ts';
import { heading, table } from '#cli/output/table.ts';

export default class DomainsIndex extends AppCommand {
  static override summary = 'List the domains of an app';
  static override description = 'Lists the host names that are routed to the app.';
  static override examples = ['mothership domains -a example-app', 'mothership domains --json'];

  async run(): Promise<void> {
    await this.parse(DomainsIndex);
    const app = await this.app();
    const domains = await this.call('domainsList', { params: { app } });
    this.print(domains, (paint) => [
      heading(`${app} Domains`, paint),
      '',
      ...table(domains, { Domain: ({ domain }) => domain, Kind: ({ kind }) => kind }, paint),
    ]);
  }
}
