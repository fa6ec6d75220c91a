import type { Body, Buildpack } from '#api';
import { AppCommand } from './base-command.ts';

/** A command that changes an app's buildpacks and prints what the next build uses. */
export abstract class BuildpackCommand extends AppCommand {
  protected async change(doing: string, change: Body<'buildpacksUpdate'>): Promise<void> {
    const app = await this.app();
    const buildpacks = await this.step(
      `${doing} on ${app}`,
      this.call('buildpacksUpdate', { params: { app }, body: change }),
    );
    const next =
      buildpacks.length === 0
        ? 'The next build detects the buildpack.'
        : `The next build uses: ${buildpacks.map(({ name }) => name).join(', ')}`;
    this.notice(next);
    this.print(buildpacks);
  }
}

/** Lists buildpacks like Heroku: numbered only if there are several. */
export function buildpackLines(buildpacks: readonly Buildpack[]): string[] {
  return buildpacks.map(({ position, name }) => (buildpacks.length > 1 ? `${position}. ${name}` : name));
}
