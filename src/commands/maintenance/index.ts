import { AppCommand } from '#cli/command/base-command.ts';

export default class MaintenanceIndex extends AppCommand {
  static override summary = 'Show whether an app is in maintenance mode';
  static override description = 'Prints on or off.';
  static override examples = ['mothership maintenance -a example-app'];

  async run(): Promise<void> {
    await this.parse(MaintenanceIndex);
    const { name, maintenance } = await this.call('appsInfo', { params: { app: await this.app() } });
    this.print({ app: name, maintenance }, () => [maintenance ? 'on' : 'off']);
  }
}
