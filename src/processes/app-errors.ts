import { label } from '#labels.ts';
import type { AppErrors } from '#api';
import type { TaskInfo } from '#engine';
import type { AppLogs } from '#logs';
import { observeServices } from '#rollout';
import type { DiskStop } from './disk-stops.ts';
import { errorInfo } from './error-codes.ts';
import type { ProcessPorts } from './ports.ts';

type ErrorPorts = Pick<ProcessPorts, 'store' | 'engine' | 'clock' | 'diskWatch'> & { readonly logs: AppLogs };

/** An error that happened once. */
interface Happened {
  /** `router`, or a process type. */
  readonly source: string;
  readonly name: string;
}

const HOUR_MS = 3_600_000;
const KILLED = 137;

/**
 * Counts what Heroku counts: requests that the router failed and processes that crashed. Limited by what is kept: the
 * routers' logs, and Swarm's five last tasks of each process of the live and the previous release.
 */
export async function appErrors(
  { store, engine, clock, diskWatch, logs }: ErrorPorts,
  { app, hours }: { readonly app: string; readonly hours: number },
  signal: AbortSignal,
): Promise<AppErrors> {
  const { id, name } = await store.apps.get(app);
  const since = clock.now() - hours * HOUR_MS;
  const [{ codes, missing }, services, nodes] = await Promise.all([
    logs.routerCodes(name, since, signal),
    observeServices(engine, id),
    engine.nodes(),
  ]);
  const tasks = await Promise.all(services.map((service) => engine.tasks({ service: service.id })));
  const requests = codes.map((code): Happened => ({ source: 'router', name: code }));
  const hosts = new Map(nodes.map((node) => [node.id, node.hostname]));
  return {
    since: new Date(since).toISOString(),
    errors: countErrors([...requests, ...crashes(tasks.flat(), diskWatch.stopsOf(id), since)]),
    missing: missing.map((node) => hosts.get(node) ?? node),
  };
}

/** Equal ones together; the router's first, then by process type and code. */
export function countErrors(all: readonly Happened[]): AppErrors['errors'] {
  const counts = new Map<string, Happened & { count: number }>();
  for (const { source, name } of all) {
    const key = `${source}\n${name}`;
    counts.set(key, { source, name, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const order = ({ source, name }: Happened): string => `${source === 'router' ? 0 : 1}\n${source}\n${name}`;
  return [...counts.values()]
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .map(({ source, name, count }) => ({ source, name, ...errorInfo(name), count }));
}

/** A process that was killed has most likely run out of memory, unless the platform stopped it. */
export function crashes(tasks: readonly TaskInfo[], stops: readonly DiskStop[], since: number): Happened[] {
  const stopped = stops.map(({ at, ps, container }) => ({
    at,
    source: ps.replace(/\.\d+$/, ''),
    name: 'R20',
    container,
  }));
  const failed = tasks
    .filter(({ state, containerId }) => {
      const isStop = stops.some(({ container }) => container === containerId);
      return (state === 'failed' || state === 'rejected') && !isStop;
    })
    .map((task) => ({ at: task.since, source: task.labels[label.type] ?? '', name: crashName(task) }));
  return [...stopped, ...failed]
    .filter(({ at }) => Date.parse(at) >= since)
    .map(({ source, name }) => ({ source, name }));
}

function crashName({ state, exitCode }: TaskInfo): string {
  if (state === 'rejected' || exitCode === undefined) return 'start';
  return exitCode === KILLED ? 'R15' : `exit ${exitCode}`;
}
