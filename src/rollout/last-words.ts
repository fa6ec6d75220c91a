import type { LogLine, Services, TaskInfo } from '#engine';
import type { Clock, Event } from '#events';

const LINES = 30;
const PATIENCE_MS = 5000;

/** Emits a task's last log lines, so that a failed deploy explains itself, and returns their number. */
export async function lastWords(
  ports: { readonly engine: Services; readonly clock: Clock },
  task: TaskInfo,
  source: string,
  emit: (event: Event) => void,
): Promise<number> {
  const patience = new AbortController();
  const timer = ports.clock.sleep(PATIENCE_MS, patience.signal).catch(() => undefined);
  try {
    const lines = await Promise.race([collect(ports.engine, task, patience.signal), timer.then((): LogLine[] => [])]);
    for (const { line } of lines) emit({ type: 'output', source, line });
    return lines.length;
  } catch {
    // The container may be gone; the failure is reported anyway.
    emit({ type: 'notice', level: 'warning', message: `The last log lines of ${source} are no longer available` });
    return 0;
  } finally {
    patience.abort();
  }
}

async function collect(engine: Services, task: TaskInfo, signal: AbortSignal): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of engine.taskLogs(task.id, { tail: LINES, signal })) lines.push(line);
  return lines;
}
