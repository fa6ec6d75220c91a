import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeCgroups } from './cgroups.js';
import { hostDocker } from './command.js';
import { hostEngineAnswers } from './host-engine.js';
import { BUILD_PREFIX, OWNER_LABEL, RUN_LABEL, labRoot, runDirectory } from './lab-paths.js';
import { isAlive } from './lock.js';
import { LabNode } from './node.js';

/** A node as the host engine's labels describe it. */
export interface LabEntry {
  runId: string;
  name: string;
  owner: number | undefined;
  status: string;
}

/** All lab nodes of the host engine, including those of other runs. */
export async function listNodes(): Promise<LabEntry[]> {
  if (!(await hostEngineAnswers())) return [];
  const format = [`{{.Label "${RUN_LABEL}"}}`, '{{.Names}}', `{{.Label "${OWNER_LABEL}"}}`, '{{.Status}}'].join('\t');
  const lines = await hostDocker(['ps', '-a', '--filter', `label=${RUN_LABEL}`, '--format', format]);
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [runId = '', container = '', owner, status = ''] = line.split('\t');
      return { runId, name: container.slice(`lab-${runId}-`.length), owner: Number(owner) || undefined, status };
    });
}

async function removeNode(entry: LabEntry): Promise<void> {
  await new LabNode(entry.name, entry.runId, '', true).stop();
}

/** `docker rm -v` also removes a node's disk; this finds disks of nodes that were removed without -v. */
async function removeVolumes(runId: string): Promise<void> {
  const volumes = await hostDocker(['volume', 'ls', '-q', '--filter', `label=${RUN_LABEL}=${runId}`]);
  if (volumes) await hostDocker(['volume', 'rm', '-f', ...volumes.split('\n')]);
}

/** Removes all containers, volumes, cgroups and temp folders of a run; safe to call twice. */
export async function cleanup(runId: string): Promise<void> {
  const entries = (await listNodes()).filter((entry) => entry.runId === runId);
  await Promise.all(entries.map(removeNode));
  if (await hostEngineAnswers()) await removeVolumes(runId);
  await removeCgroups(runId);
  await rm(runDirectory(runId), { recursive: true, force: true });
}

/** Removes every lab node of this host: other people's as well. */
export async function cleanupAll(): Promise<void> {
  const runs = new Set((await listNodes()).map((entry) => entry.runId));
  for (const runId of runs) await cleanup(runId);
  await rm(join(labRoot(), 'runs'), { recursive: true, force: true });
}

async function removeStaleBuilds(): Promise<string[]> {
  if (!(await hostEngineAnswers())) return [];
  const names = await hostDocker(['ps', '-a', '--filter', `name=${BUILD_PREFIX}`, '--format', '{{.Names}}']);
  const pidOf = (name: string): number => Number(name.slice(BUILD_PREFIX.length));
  const stale = names.split('\n').filter((name) => pidOf(name) > 0 && !isAlive(pidOf(name)));
  for (const name of stale) await hostDocker(['rm', '-f', '-v', name]);
  return stale;
}

/** Removes runs whose process is gone: an interrupted test cannot clean up after itself. */
export async function cleanupStale(): Promise<string[]> {
  const stale = (await listNodes()).filter((entry) => entry.owner !== undefined && !isAlive(entry.owner));
  const runs = [...new Set(stale.map((entry) => entry.runId))];
  for (const runId of runs) await cleanup(runId);
  return [...runs, ...(await removeStaleBuilds())];
}
