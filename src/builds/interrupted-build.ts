import type { BuildStatus, Store } from '../store/index.ts';

export function isUnderWay({ status }: Pick<BuildStatus, 'status'>): boolean {
  return status === 'queued' || status === 'running';
}

/** A build that waits or runs no more, because its controller does not: its record must not say that it does. */
export async function failInterruptedBuild({ builds }: Pick<Store, 'builds'>, app: string, id: string): Promise<void> {
  const build = await builds.find(app, id);
  if (!build || !isUnderWay(build.status)) return;
  await builds.setStatus(app, id, { ...build.status, status: 'failed', error: 'The controller restarted' });
}
