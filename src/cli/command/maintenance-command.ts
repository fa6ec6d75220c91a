import { AppCommand } from './base-command.ts';

/** Turns maintenance mode on or off. */
export abstract class MaintenanceCommand extends AppCommand {
  protected async switch(maintenance: boolean): Promise<void> {
    const app = await this.app();
    const info = await this.step(
      `Turning maintenance mode ${maintenance ? 'on' : 'off'} for ${app}`,
      this.call('appsUpdate', { params: { app }, body: { maintenance } }),
    );
    this.print({ app: info.name, maintenance: info.maintenance });
  }
}
