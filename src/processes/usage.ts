import type { Task } from '#api';
import type { Containers } from '#engine';
import type { Clock } from '#events';

interface Measured {
  readonly container: string;
  readonly engine: () => Promise<Containers>;
}

/** How long a list of processes waits for their nodes. */
const WITHIN_MS = 1_000;

/** Resource usage by container; containers that do not report within a second are missing. */
export async function measure(
  containers: readonly Measured[],
  clock: Clock,
): Promise<ReadonlyMap<string, NonNullable<Task['usage']>>> {
  const found = new Map<string, NonNullable<Task['usage']>>();
  const all = Promise.allSettled(
    containers.map(async ({ container, engine }) => {
      const stats = await (await engine()).stats(container);
      if (stats)
        found.set(container, { cpus: stats.cpus, memory: stats.memoryBytes, memoryLimit: stats.memoryLimitBytes });
    }),
  );
  const done = new AbortController();
  await Promise.race([all, clock.sleep(WITHIN_MS, done.signal).catch(() => undefined)]);
  done.abort();
  return new Map(found);
}
