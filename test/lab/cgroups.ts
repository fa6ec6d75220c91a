import { mkdir, readdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { allButFirst } from '../../src/nodes/index.js';

/** The lab's own branch of the host's cgroups: an inner engine creates its groups on the host. */
const BRANCH = 'mothership-lab';

const ROOT = '/sys/fs/cgroup';

/** --cgroup-parent of an inner engine: by run, so that a run's groups can be found without its containers. */
export function cgroupParent(runId: string, name: string): string {
  return `/${BRANCH}/${runId}/${name}`;
}

/** The group of a node's own processes, the engine's, from its /proc/1/cgroup; undefined with version 2, which has none with both processes and groups in it. */
export function engineGroup(procCgroup: string, controller: 'cpu' | 'cpuset' = 'cpu'): string | undefined {
  return new RegExp(`^\\d+:${controller}(?:,cpuacct)?:(.*)$`, 'm').exec(procCgroup)?.[1];
}

/**
 * Keeps a node's containerd off the first processor, with all that it starts but containers: `AllowedCPUs` of a machine that was
 * made a node (src/nodes/slice.ts), for control groups of version 1. `procCgroup`: the node's /proc/1/cgroup.
 */
export async function spareFirst(procCgroup: string): Promise<void> {
  const own = engineGroup(procCgroup, 'cpuset');
  const allowed = allButFirst(cpus().length);
  if (own === undefined || allowed === undefined) return;
  const from = join(ROOT, 'cpuset', own);
  const to = join(from, 'containerd');
  await mkdir(to, { recursive: true });
  await writeFile(join(to, 'cpuset.mems'), await readFile(join(from, 'cpuset.mems')));
  await writeFile(join(to, 'cpuset.cpus'), allowed);
  for (const pid of (await readFile(join(from, 'cgroup.procs'), 'utf8')).split('\n').filter(Boolean)) {
    const name = await readFile(join('/proc', pid, 'comm'), 'utf8').catch(() => '');
    if (name.startsWith('containerd')) await writeFile(join(to, 'cgroup.procs'), pid);
  }
}

/**
 * Containers of inner engines go before the engines, as on a machine that was made a node: `mothership.slice` beside
 * `system.slice` (src/nodes/slice.ts), in the words of each version of control groups.
 */
export async function weighContainers(): Promise<void> {
  for (const [hierarchy, file, weight] of [
    [join(ROOT, 'cpu'), 'cpu.shares', '16384'],
    [ROOT, 'cpu.weight', '1600'],
  ] as const) {
    // Where a version is not in use, its place is none of a group, or is not there.
    if (!(await stat(join(hierarchy, 'cgroup.procs')).catch(() => undefined))) continue;
    await mkdir(join(hierarchy, BRANCH), { recursive: true });
    await writeFile(join(hierarchy, BRANCH, file), weight, { flag: 'r+' }).catch(() => undefined);
  }
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
