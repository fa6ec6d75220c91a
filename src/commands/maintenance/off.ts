import { MaintenanceCommand } from '#cli/command/maintenance-command.ts';

export default class MaintenanceOff extends MaintenanceCommand {
  static override summary = 'Turn maintenance mode off';
  static override description = 'Visitors reach the app again.';
  static override examples = ['mothership maintenance:off -a example-app'];

  async run(): Promise<void> {
    await this.parse(MaintenanceOff);
    await this.switch(false);
  }
}
