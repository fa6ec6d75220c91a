import { MaintenanceCommand } from '#cli/command/maintenance-command.ts';

export default class MaintenanceOn extends MaintenanceCommand {
  static override summary = 'Turn maintenance mode on';
  static override description = 'Visitors see a maintenance page; the app keeps running.';
  static override examples = ['mothership maintenance:on -a example-app'];

  async run(): Promise<void> {
    await this.parse(MaintenanceOn);
    await this.switch(true);
  }
}
