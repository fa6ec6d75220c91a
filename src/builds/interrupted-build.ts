import type { BuildStatus, Store } from '#store';

export function isUnderWay({ status }: Pick<BuildStatus, 'status'>): boolean {
  return status === 'queued' || status === 'running';
}

/** Marks a queued or running build of a stopped controller as failed. */
export async function failInterruptedBuild({ builds }: Pick<Store, 'builds'>, app: string, id: string): Promise<void> {
  const build = await builds.find(app, id);
  if (!build || !isUnderWay(build.status)) return;
  await builds.setStatus(app, id, { ...build.status, status: 'failed', error: 'The controller restarted' });
}
