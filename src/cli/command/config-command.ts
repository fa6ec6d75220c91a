import type { Body } from '#api';
import { ReleaseCommand } from './release-command.ts';

/** A command that changes config vars. Never prints values, since output ends up in logs. */
export abstract class ConfigCommand extends ReleaseCommand {
  protected async change(verb: string, changes: Body<'configUpdate'>): Promise<void> {
    const app = await this.app();
    const keys = [...Object.keys(changes.set ?? {}), ...(changes.unset ?? [])];
    const label = keys.length > 5 ? `${keys.length} config vars` : keys.join(', ');
    const result = await this.carryOut(`${verb} ${label} on ${app}`, (api) =>
      api.call('configUpdate', { params: { app }, body: changes }),
    );
    if (result) this.print({ app, keys, release: result['release'] ?? null });
  }
}
