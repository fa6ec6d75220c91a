import { requiredArg } from '#cli/program/args.ts';
import { AppCommand } from '#cli/command/base-command.ts';

export default class DomainsRemove extends AppCommand {
  static override summary = 'Remove a domain from an app';
  static override description = 'Stops routing a host name to the app.';
  static override examples = ['mothership domains:remove www.example.com -a example-app'];
  static override args = { domain: requiredArg('Host name') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DomainsRemove);
    const app = await this.app(flags);
    const api = await this.api(flags);
    this.progress.start(`Removing ${args.domain} from ${app}`);
    const domain = await api.call('domainsRemove', { params: { app, domain: args.domain } });
    this.progress.done();
    this.print(flags, domain, () => []);
  }
}
