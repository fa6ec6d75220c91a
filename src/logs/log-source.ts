import type { Containers, LogLine, LogOptions, Services, TaskInfo } from '#engine';
import { fail, isMothershipError } from '#errors';
import type { Clock } from '#events';
import { defined } from '#values/defined.ts';
import type { Position } from './position.ts';

/** Engines of all nodes; calls may throw NODE_UNREACHABLE. */
export interface LogNodes {
  on(nodeId: string): Promise<Containers>;
}

export interface AppLogLine {
  readonly at: string;
  readonly source: 'app' | 'router';
  readonly ps: string;
  readonly line: string;
}

export interface LogSource {
  readonly id: string;
  readonly ps: string;
  /** Node with the lines; undefined for this machine, or where Swarm fetches them. */
  readonly node: string | undefined;
  read(options: LogOptions): AsyncIterable<LogLine>;
  /** Returns the line for users; undefined if it does not belong to the app. */
  show(line: LogLine): AppLogLine | undefined;
}

/** Time to wait for past lines from another machine. */
const PATIENCE_MS = 4_000;

/** A task's lines, from its node's engine if there are agents, else through Swarm's service logs. */
export function taskLines(engine: Services, nodes: LogNodes | undefined, task: TaskInfo) {
  return async function* (options: LogOptions): AsyncGenerator<LogLine> {
    if (nodes) yield* (await nodes.on(task.nodeId)).containerLogs(task.containerId ?? '', options);
    else yield* engine.taskLogs(task.id, options);
  };
}

/** Returns past lines and, if the node did not respond in time, why some are missing. */
export async function collectPast(
  source: LogSource,
  clock: Clock,
  options: {
    readonly tail?: number;
    readonly since?: number;
    readonly signal: AbortSignal;
    readonly position: Position;
  },
): Promise<{ lines: AppLogLine[]; missing?: unknown }> {
  const lines: AppLogLine[] = [];
  const done = new AbortController();
  const read = async (): Promise<void> => {
    const { tail, since } = options;
    const signal = AbortSignal.any([done.signal, options.signal]);
    for await (const line of source.read({ ...defined({ tail, since }), signal })) {
      if (done.signal.aborted || !options.position.advance(line)) continue;
      const shown = source.show(line);
      if (shown) lines.push(shown);
    }
  };
  const late = async (): Promise<never> => {
    await clock.sleep(PATIENCE_MS, done.signal);
    throw fail('NODE_UNREACHABLE', { node: source.node ?? '', why: 'timed out reading its log lines' });
  };
  try {
    await (source.node === undefined ? read() : Promise.race([read(), late()]));
    return { lines };
  } catch (error) {
    // Otherwise the task was removed between listing and reading, and its log is gone.
    return isSilence(error) ? { lines, missing: error } : { lines };
  } finally {
    done.abort();
  }
}

export function isSilence(error: unknown): boolean {
  return isMothershipError(error, 'NODE_UNREACHABLE') || isMothershipError(error, 'ENGINE_UNREACHABLE');
}
