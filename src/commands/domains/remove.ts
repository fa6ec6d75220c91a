import { requiredArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';

export default class DomainsRemove extends AppCommand {
  static override summary = 'Remove a domain from an app';
  static override description = 'Stops routing a host name to the app.';
  static override examples = ['mothership domains:remove www.example.com -a example-app'];
  static override args = { domain: requiredArg('Host name') };

  async run(): Promise<void> {
    const { args } = await this.parse(DomainsRemove);
    const app = await this.app();
    const domain = await this.step(
      `Removing ${args.domain} from ${app}`,
      this.call('domainsRemove', { params: { app, domain: args.domain } }),
    );
    this.print(domain);
  }
}
