import { readdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The lab's own branch of the host's cgroups: an inner engine creates its groups on the host. */
const BRANCH = 'mothership-lab';

const ROOT = '/sys/fs/cgroup';

/** --cgroup-parent of an inner engine: by run, so that a run's groups can be found without its containers. */
export function cgroupParent(runId: string, name: string): string {
  return `/${BRANCH}/${runId}/${name}`;
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Deepest first: the kernel has no recursive removal. A group which still has processes stays. */
async function removeTree(path: string): Promise<void> {
  for (const child of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    if (child.isDirectory()) await removeTree(join(path, child.name));
  }
  await rmdir(path).catch(() => undefined);
}

/** Same path in each hierarchy: there is one at the root (v2) and one per controller below it (v1). */
async function branches(...below: string[]): Promise<string[]> {
  const hierarchies = [ROOT, ...(await readdir(ROOT).catch(() => [])).map((name) => join(ROOT, name))];
  const paths = hierarchies.map((hierarchy) => join(hierarchy, BRANCH, ...below));
  return stillThere(paths);
}

/** Groups of a run which still exist. */
export async function cgroupsOf(runId: string): Promise<string[]> {
  return branches(runId);
}

/**
 * Groups outside the lab's branch which the processes of a node are in, from its /proc/<pid>/cgroup files. An engine
 * installed in a fresh machine knows nothing of our --cgroup-parent and makes its groups elsewhere.
 */
export function foreignGroups(procCgroups: string, containerId: string): string[] {
  const groups = procCgroups.split('\n').map((line) => line.split(':').slice(1));
  const foreign = groups.filter(
    ([, path = '/']) => path !== '/' && !path.includes('..') && !path.includes(containerId),
  );
  return [...new Set(foreign.map(([controllers = '', path = '']) => hierarchyPath(controllers, path)))];
}

function hierarchyPath(controllers: string, path: string): string {
  return join(ROOT, controllers.replace(/^name=/, ''), path);
}

/** Removes groups once their processes are gone; gives up after five seconds, since they are only untidy. */
export async function removeGroups(find: () => Promise<string[]>): Promise<void> {
  const deadline = Date.now() + 5_000;
  for (let left = await find(); left.length > 0 && Date.now() < deadline; left = await find()) {
    for (const path of left) await removeTree(path);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Removes a run's groups, or those of one of its nodes. An engine which was killed leaves them behind: empty,
 * but for the kernel they count.
 */
export async function removeCgroups(runId: string, name?: string): Promise<void> {
  await removeGroups(() => branches(runId, ...(name ? [name] : [])));
}

/** Those of the given groups which still exist. */
export async function stillThere(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(isDirectory));
  return paths.filter((_, index) => found[index]);
}
