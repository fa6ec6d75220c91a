import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Docker label which every container and volume of the lab carries; its value is the run's id. */
export const RUN_LABEL = 'mothership.lab';

/** Docker label with the process that owns a run, so that a crashed test's leftovers can be recognised. */
export const OWNER_LABEL = 'mothership.lab.owner';

/** Name of a container in which an image is made, before its process's id. No label: the image would inherit it. */
export const BUILD_PREFIX = 'lab-build-';

/** Everything the lab writes on the host lies below this folder: one thing to delete. */
export function labRoot(): string {
  return join(tmpdir(), 'mothership-lab');
}

/** Folder of one run. Kept short: a Unix socket's path may have 107 characters at most. */
export function runDirectory(runId: string): string {
  return join(labRoot(), 'runs', runId);
}

/** Folder which a node sees as /run/lab: its engine's socket and log. */
export function nodeDirectory(runId: string, name: string): string {
  return join(runDirectory(runId), name);
}

/** Folder of the image tars shared by all runs. */
export function imageCacheDirectory(): string {
  return join(labRoot(), 'images');
}

/** Container name of a run's node. */
export function containerName(runId: string, name: string): string {
  return `lab-${runId}-${name}`;
}
