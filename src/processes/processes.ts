import { processName } from '#labels.ts';
import type { ProcessPorts } from './ports.ts';
import type { Containers, Execs, Images } from '#engine';
import { fail } from '#errors';
import { observeTasks } from '#rollout';
import { observeRuns } from './one-offs/observe-runs.ts';
import type { AppRecord } from '#store';

/** A running process: a container on some node. */
interface RunningProcess {
  /** `web.1`, `run.1234`. */
  readonly name: string;
  readonly container: string;
  /** Undefined on the controller's own node. */
  readonly node: string | undefined;
  /** By network id. */
  readonly addresses: Readonly<Record<string, string>>;
}

export interface FoundProcess extends RunningProcess {
  /** The engine of its node. */
  readonly engine: Containers & Execs & Images;
}

/**
 * Finds a process by `web.2`, a type (its first process), or undefined (`web.1`, or else the first). Throws
 * PROCESS_NOT_FOUND or NODE_UNREACHABLE.
 */
export async function findProcess(
  parts: Pick<ProcessPorts, 'engine' | 'engines' | 'clock'>,
  app: AppRecord,
  wanted: string | undefined,
): Promise<FoundProcess> {
  const running = await runningProcesses(parts, app);
  const found =
    wanted === undefined
      ? (running.find(({ name }) => name === 'web.1') ?? running[0])
      : (running.find(({ name }) => name === wanted) ?? running.find(({ name }) => name.startsWith(`${wanted}.`)));
  if (!found)
    throw fail('PROCESS_NOT_FOUND', {
      process: wanted ?? 'web.1',
      app: app.name,
      known: running.map(({ name }) => name),
    });
  return { ...found, engine: found.node === undefined ? parts.engine : await parts.engines.on(found.node) };
}

async function runningProcesses(
  parts: Pick<ProcessPorts, 'engine' | 'engines' | 'clock'>,
  app: AppRecord,
): Promise<RunningProcess[]> {
  const [tasks, runs] = await Promise.all([
    app.live ? observeTasks(parts.engine, app.id, app.live) : [],
    observeRuns(parts, app.id),
  ]);
  const up = tasks
    .filter((task) => task.state === 'running' && task.desired === 'running')
    .sort((a, b) => a.slot - b.slot);
  return [
    ...up.flatMap(({ containerId, nodeId, addresses, labels, slot }) =>
      containerId ? [{ name: processName(labels, slot), container: containerId, node: nodeId, addresses }] : [],
    ),
    ...runs.flatMap(({ name, state, container, node, addresses }) =>
      state === 'up' && container ? [{ name, container, node, addresses }] : [],
    ),
  ];
}
