import type { Engine, LogLine, LogOptions, TaskInfo } from '../engine/index.ts';
import type { Clock } from '../events/index.ts';
import { formatRouterLine } from '../router/index.ts';
import { KIND, label } from '../rollout/index.ts';
import { merge } from './merge.ts';
import { ROUTER_LABELS, routerLineOf } from './router-lines.ts';

export interface LogRequest {
  readonly app: { readonly id: string; readonly name: string };
  /** Lines from the past. */
  readonly lines: number;
  readonly follow: boolean;
  /** `web` or `web.2`. */
  readonly ps?: string | undefined;
  readonly source?: 'app' | 'router' | undefined;
}

export interface AppLogLine {
  readonly at: string;
  readonly source: 'app' | 'router';
  readonly ps: string;
  readonly line: string;
}

interface LogSource {
  readonly id: string;
  read(options: LogOptions): AsyncIterable<AppLogLine>;
}

/** How often following looks for tasks that were not there before. */
const LOOK_EVERY_MS = 1000;
/** A router serves all apps: to find an app's last lines, more of its lines must be read. */
const ROUTER_DEPTH = 20;

/** An app's log, read from where its tasks and the routers wrote it. */
export class AppLogs {
  readonly #engine: Engine;
  readonly #clock: Clock;

  constructor({ engine, clock }: { engine: Engine; clock: Clock }) {
    this.#engine = engine;
    this.#clock = clock;
  }

  async *read(request: LogRequest, signal: AbortSignal): AsyncGenerator<AppLogLine> {
    const startedAt = Math.floor(this.#clock.now() / 1000);
    const sources = await this.#sources(request);
    const past = await Promise.all(sources.map((source) => collect(source.read({ tail: request.lines, signal }))));
    const lines = past.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).slice(-request.lines || Infinity);
    if (request.lines > 0) yield* lines;
    if (request.follow) yield* this.#follow(request, startedAt, new Set(past.flat().map(fingerprint)), signal);
  }

  /** New tasks join while it runs; a line that the past had already is not told twice. */
  async *#follow(request: LogRequest, since: number, told: Set<string>, signal: AbortSignal): AsyncGenerator<AppLogLine> {
    const merged = merge<AppLogLine>(signal);
    const known = new Set<string>();
    const look = async (): Promise<void> => {
      for (const source of await this.#sources(request)) {
        if (known.has(source.id)) continue;
        known.add(source.id);
        merged.add(source.read({ follow: true, since, signal }));
      }
    };
    await look();
    void this.#keepLooking(look, signal);
    for await (const line of merged) if (!told.has(fingerprint(line))) yield line;
  }

  async #keepLooking(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
      if (!signal.aborted) await look().catch(() => undefined);
    }
  }

  async #sources(request: LogRequest): Promise<LogSource[]> {
    const [tasks, runs, routers] = await Promise.all([
      request.source === 'router' ? [] : this.#engine.tasks({ labels: { [label.kind]: KIND.process, [label.app]: request.app.id } }),
      request.source === 'router' ? [] : this.#engine.containers({ [label.kind]: KIND.run, [label.app]: request.app.id }),
      request.source === 'app' || request.ps ? [] : this.#engine.tasks({ labels: ROUTER_LABELS, desired: 'running' }),
    ]);
    const app = [
      ...tasks.filter(hasContainer).map((task) => this.#source(task.id, `${task.labels[label.type]}.${task.slot}`, (o) => this.#engine.taskLogs(task.id, o))),
      ...runs.map((run) => this.#source(run.id, run.labels[label.type] ?? 'run', (o) => this.#engine.containerLogs(run.id, o))),
    ];
    const wanted = app.filter(({ ps }) => !request.ps || ps === request.ps || ps.startsWith(`${request.ps}.`));
    return [...wanted, ...routers.filter(hasContainer).map((task) => this.#routerSource(task, request.app.name))];
  }

  #source(id: string, ps: string, read: (options: LogOptions) => AsyncIterable<LogLine>): LogSource & { ps: string } {
    return {
      id,
      ps,
      async *read(options) {
        for await (const { at, line } of read(options)) yield { at, source: 'app', ps, line };
      },
    };
  }

  #routerSource(task: TaskInfo, app: string): LogSource {
    const engine = this.#engine;
    return {
      id: task.id,
      async *read(options) {
        const deep = options.tail === undefined ? options : { ...options, tail: options.tail * ROUTER_DEPTH };
        for await (const { line } of engine.taskLogs(task.id, deep)) {
          const request = routerLineOf(app, line);
          // The router writes in batches: the request's own time puts its line beside what the app wrote.
          if (request) yield { at: request.at, source: 'router', ps: 'router', line: formatRouterLine(request) };
        }
      },
    };
  }
}

function hasContainer(task: TaskInfo): boolean {
  return task.containerId !== undefined;
}

function fingerprint(line: AppLogLine): string {
  return `${line.at} ${line.ps} ${line.line}`;
}

async function collect(lines: AsyncIterable<AppLogLine>): Promise<AppLogLine[]> {
  const collected: AppLogLine[] = [];
  try {
    for await (const line of lines) collected.push(line);
  } catch {
    // A task that was removed between listing and reading has no log any more.
  }
  return collected;
}
