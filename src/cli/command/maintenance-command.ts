import { AppCommand } from './base-command.ts';

/** Turns maintenance mode on or off. */
export abstract class MaintenanceCommand extends AppCommand {
  protected async switch(
    flags: { json?: boolean; app?: string | undefined; context?: string | undefined },
    maintenance: boolean,
  ): Promise<void> {
    const app = await this.app(flags);
    const api = await this.api(flags);
    this.progress.start(`Turning maintenance mode ${maintenance ? 'on' : 'off'} for ${app}`);
    const info = await api.call('appsUpdate', { params: { app }, body: { maintenance } });
    this.progress.done();
    this.print(flags, { app: info.name, maintenance: info.maintenance }, () => []);
  }
}
