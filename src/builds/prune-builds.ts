import { KEPT } from '#releases/prune-releases.ts';
import type { BuildPorts } from './ports.ts';
import { isUnderWay } from './interrupted-build.ts';

/** Deletes an app's old builds and their output. Failed builds count: an app may never have a release. */
export async function pruneBuilds({ store, operations }: BuildPorts, app: string): Promise<void> {
  for (const { record, status } of (await store.builds.list(app)).slice(KEPT)) {
    if (isUnderWay(status)) continue;
    await store.builds.remove(app, record.id);
    await operations.forget(record.operation);
  }
}
