import { requiredArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';

export default class DomainsAdd extends AppCommand {
  static override summary = 'Add a domain to an app';
  static override description =
    'Routes a host name to the app. Also point the name to the cluster in DNS; *.example.com ' +
    'matches every name under it.';
  static override examples = [
    'mothership domains:add www.example.com -a example-app',
    'mothership domains:add "*.example.com"',
  ];
  static override args = { domain: requiredArg('Host name') };

  async run(): Promise<void> {
    const { args } = await this.parse(DomainsAdd);
    const app = await this.app();
    const domain = await this.step(
      `Adding ${args.domain} to ${app}`,
      this.call('domainsAdd', { params: { app }, body: { domain: args.domain } }),
    );
    this.print(domain);
  }
}
