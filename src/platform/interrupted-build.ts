import type { Store } from '../store/index.ts';

/** A build that runs no more, because its controller does not: its record must not say that it does. */
export async function failInterruptedBuild({ builds }: Pick<Store, 'builds'>, app: string, id: string): Promise<void> {
  const build = await builds.find(app, id);
  if (build?.status.status !== 'running') return;
  await builds.setStatus(app, id, { ...build.status, status: 'failed', error: 'The controller was restarted' });
}
