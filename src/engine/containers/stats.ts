import { setTimeout as sleep } from 'node:timers/promises';
import { at, type Connection } from '../connection/connection.ts';
import type { ContainerStats } from './containers.ts';

/** One sample; without numbers if the container is not running. */
interface StatsJson {
  readonly read: string;
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage: number } };
  readonly pids_stats?: { readonly current?: number };
  readonly memory_stats?: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
}

/** Long enough to measure CPU usage, short enough to wait for. */
const BETWEEN_MS = 250;

/**
 * Takes two bare samples, because the engine's own CPU usage takes over a second. Returns undefined if the container is
 * not running.
 */
export async function containerStats(engine: Connection, id: string): Promise<ContainerStats | undefined> {
  const first = await sample(engine, id);
  if (!first) return undefined;
  const began = performance.now();
  await sleep(BETWEEN_MS);
  const second = await sample(engine, id);
  if (!second) return undefined;
  const seconds = elapsed(first, second) ?? (performance.now() - began) / 1000;
  return {
    cpus: Math.max(0, cpuSeconds(second) - cpuSeconds(first)) / seconds,
    memoryBytes: memoryUsed(second),
    memoryLimitBytes: second.memory_stats?.limit ?? 0,
    processes: second.pids_stats?.current ?? 0,
  };
}

async function sample(engine: Connection, id: string): Promise<StatsJson | undefined> {
  const found = await engine.find<StatsJson>({
    path: at`/containers/${id}/stats`,
    query: { stream: false, 'one-shot': true },
    action: `measure container ${id}`,
  });
  return found?.memory_stats?.usage === undefined ? undefined : found;
}

/** Time between the two samples. */
function elapsed(first: StatsJson, second: StatsJson): number | undefined {
  const seconds = (Date.parse(second.read) - Date.parse(first.read)) / 1000;
  return seconds > 0 ? seconds : undefined;
}

function cpuSeconds(stats: StatsJson): number {
  return (stats.cpu_stats?.cpu_usage?.total_usage ?? 0) / 1e9;
}

/** Excludes page cache that the kernel can reclaim, like `docker stats` (cgroup v1 and v2 name it differently). */
function memoryUsed({ memory_stats: memory }: StatsJson): number {
  const usage = memory?.usage ?? 0;
  const cache = memory?.stats?.['total_inactive_file'] ?? memory?.stats?.['inactive_file'] ?? 0;
  return cache < usage ? usage - cache : usage;
}
