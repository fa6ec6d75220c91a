import type { AppPorts } from './ports.ts';
import { isService } from './formation.ts';
import type { BuildResult } from '#builds';
import { fail } from '#errors';
import { inPhase, type Clock } from '#events';
import type { AppRecord, ReleaseRecord } from '#store';
import type { OperationRun } from '#operations/operations.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';

/** Gives a new app the formation of its app.json, unless it was already changed. */
export async function chosenFormation(
  { store }: Pick<AppPorts, 'store'>,
  app: AppRecord,
  { formation }: NonNullable<BuildResult['setup']>,
): Promise<AppRecord> {
  const wanted = Object.fromEntries(Object.entries(formation).filter(([type]) => isService(type)));
  if (Object.keys(wanted).length === 0) return app;
  return store.apps.update(app.id, (record) => ({ ...record, formation: { ...wanted, ...record.formation } }));
}

/**
 * Runs the postdeploy script of app.json once, after the first release. Throws POSTDEPLOY_FAILED; the release stays.
 */
export async function runPostdeploy(
  flow: ReleaseFlow,
  { app, release, command }: { app: AppRecord; release: ReleaseRecord; command: string },
  clock: Clock,
  work: OperationRun,
): Promise<void> {
  await inPhase(
    'postdeploy',
    async () => {
      const exitCode = await flow.runOnce(app, release, { name: 'postdeploy.1', command, source: 'postdeploy' }, work);
      if (exitCode !== 0) throw fail('POSTDEPLOY_FAILED', { exitCode });
    },
    { clock, emit: work.emit },
  );
}
