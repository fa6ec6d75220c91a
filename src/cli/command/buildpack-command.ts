import type { Body, Buildpack } from '#api';
import { AppCommand } from './base-command.ts';

type AppFlags = Parameters<AppCommand['print']>[0] & {
  readonly app?: string | undefined;
  readonly context?: string | undefined;
};

/** A command that changes an app's buildpacks and prints what the next build uses. */
export abstract class BuildpackCommand extends AppCommand {
  protected async change(flags: AppFlags, doing: string, change: Body<'buildpacksUpdate'>): Promise<void> {
    const app = await this.app(flags);
    const api = await this.api(flags);
    this.progress.start(`${doing} on ${app}`);
    const buildpacks = await api.call('buildpacksUpdate', { params: { app }, body: change });
    this.progress.done();
    const next =
      buildpacks.length === 0
        ? 'The next build detects the buildpack.'
        : `The next build uses: ${buildpacks.map(({ name }) => name).join(', ')}`;
    this.progress.notify({ type: 'notice', level: 'info', message: next });
    this.print(flags, buildpacks, () => []);
  }
}

/** Lists buildpacks like Heroku: numbered only if there are several. */
export function buildpackLines(buildpacks: readonly Buildpack[]): string[] {
  return buildpacks.map(({ position, name }) => (buildpacks.length > 1 ? `${position}. ${name}` : name));
}
