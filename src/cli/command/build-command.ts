import { fail } from '#errors';
import type { Build } from '#api';
import { AppCommand } from './base-command.ts';

/** A command for one build, by default the newest. */
export abstract class BuildCommand extends AppCommand {
  /** Throws BUILD_NOT_FOUND. */
  protected async build(app: string, id: string | undefined): Promise<Build> {
    if (id) return this.call('buildsInfo', { params: { app, build: id } });
    const [newest] = await this.call('buildsList', { params: { app } });
    if (!newest) throw fail('BUILD_NOT_FOUND', { app, build: 'yet' });
    return newest;
  }
}
