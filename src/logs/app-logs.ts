import { Readable } from 'node:stream';
import { KIND, label, processName } from '#labels.ts';
import { ownContainers } from '#ownership.ts';
import type { Containers, LogLine, LogOptions, NodeInfo, Nodes, Services, TaskInfo } from '#engine';
import { isoNow, type Clock } from '#events';
import { formatRouterLine } from '#router';
import { Following } from './following.ts';
import { collectPast, taskLines, type AppLogLine, type LogNodes, type LogSource } from './log-source.ts';
import { Position } from './position.ts';
import { routerLineOf } from './router-lines.ts';

interface LogRequest {
  readonly app: { readonly id: string; readonly name: string };
  /** Number of past lines. */
  readonly lines: number;
  readonly follow: boolean;
  /** `web` or `web.2`. */
  readonly ps?: string | undefined;
  readonly source?: 'app' | 'router' | undefined;
}

interface PlatformStop {
  readonly at: string;
  readonly ps: string;
  readonly container: string;
  readonly why: string;
}

/** A router serves all apps, so more of its lines must be read to find an app's last ones. */
const ROUTER_DEPTH = 20;

/** An app's log, read where its tasks and the routers wrote it. */
export class AppLogs {
  readonly #engine: Containers & Nodes & Services;
  readonly #clock: Clock;
  readonly #nodes: LogNodes | undefined;
  readonly #stopsOf: (app: string) => readonly PlatformStop[];

  /** `nodes`: in a multi-node cluster, reads from each node, so that an unresponsive one does not block others. */
  constructor({
    engine,
    clock,
    nodes,
    stopsOf = () => [],
  }: {
    engine: Containers & Nodes & Services;
    clock: Clock;
    nodes?: LogNodes | undefined;
    /** Processes of an app that the platform stopped; their own logs are gone. */
    stopsOf?: (app: string) => readonly PlatformStop[];
  }) {
    this.#engine = engine;
    this.#clock = clock;
    this.#nodes = nodes;
    this.#stopsOf = stopsOf;
  }

  async *read(request: LogRequest, signal: AbortSignal): AsyncGenerator<AppLogLine> {
    const startedAt = Math.floor(this.#clock.now() / 1000);
    const positions = new Map<string, Position>();
    const past = await Promise.all(
      (await this.#sources(request)).map(async (source) => {
        const position = new Position();
        positions.set(source.id, position);
        return { source, ...(await collectPast(source, this.#clock, { tail: request.lines, signal, position })) };
      }),
    );
    const found = past.flatMap(({ lines }) => lines);
    const lines = found.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).slice(-request.lines || Infinity);
    if (request.lines > 0) yield* lines;
    const silent = new Set(past.flatMap(({ source, missing }) => (missing && source.node ? [source.node] : [])));
    for (const node of silent) yield await this.#notice(node);
    if (!request.follow) return;
    const sources = (): Promise<LogSource[]> => this.#sources(request);
    yield* new Following({
      since: startedAt,
      positions,
      silent,
      clock: this.#clock,
      sources,
      notice: (node) => this.#notice(node),
    }).read(signal);
  }

  /**
   * Error codes of the requests to an app since a time in milliseconds, one per request, as far back as the routers'
   * logs reach. `missing`: ids of nodes that did not respond.
   */
  async routerCodes(app: string, since: number, signal: AbortSignal): Promise<{ codes: string[]; missing: string[] }> {
    const routers = await this.#engine.tasks({ labels: { [label.kind]: KIND.router }, desired: 'running' });
    const all = routers.filter(hasContainer).map(async (task) => {
      const show = ({ line }: LogLine): AppLogLine | undefined => {
        const { at, code } = routerLineOf(app, line) ?? { at: '' };
        return code && Date.parse(at) >= since ? { at, source: 'router', ps: 'router', line: code } : undefined;
      };
      const source = { ...this.#routerSource(task, app), show };
      const from = { since: Math.floor(since / 1000), signal, position: new Position() };
      const { lines, missing } = await collectPast(source, this.#clock, from);
      return { codes: lines.map(({ line }) => line), missing: missing ? [task.nodeId] : [] };
    });
    const found = await Promise.all(all);
    return { codes: found.flatMap(({ codes }) => codes), missing: found.flatMap(({ missing }) => missing) };
  }

  async #notice(node: string): Promise<AppLogLine> {
    const nodes = await this.#engine.nodes().catch((): NodeInfo[] => []);
    const name = nodes.find(({ id }) => id === node)?.hostname ?? node;
    return {
      at: isoNow(this.#clock),
      source: 'app',
      ps: 'mothership',
      line: `Missing log lines from node ${name}: it is not responding.`,
    };
  }

  async #sources(request: LogRequest): Promise<LogSource[]> {
    const of = (kind: string): Record<string, string> => ({ [label.kind]: kind, [label.app]: request.app.id });
    const unlessRouter = <T>(list: () => Promise<T[]>): Promise<T[]> | T[] =>
      request.source === 'router' ? [] : list();
    const [tasks, detached, runs, routers] = await Promise.all([
      unlessRouter(() => this.#engine.tasks({ labels: of(KIND.process) })),
      unlessRouter(() => this.#engine.tasks({ labels: of(KIND.detached) })),
      unlessRouter(() => ownContainers(this.#engine, of(KIND.run))),
      request.source === 'app' || request.ps
        ? []
        : this.#engine.tasks({ labels: { [label.kind]: KIND.router }, desired: 'running' }),
    ]);
    const app = [
      ...[...tasks, ...detached]
        .filter(hasContainer)
        .map((task) =>
          this.#source(
            task.id,
            processName(task.labels, task.slot),
            this.#nodeOf(task),
            taskLines(this.#engine, this.#nodes, task),
          ),
        ),
      ...runs.map((run) =>
        this.#source(run.id, run.labels[label.type] ?? 'run', undefined, (o) => this.#engine.containerLogs(run.id, o)),
      ),
      ...(request.source === 'router' ? [] : this.#stopsOf(request.app.id).map(stopSource)),
    ];
    const wanted = app.filter(({ ps }) => !request.ps || ps === request.ps || ps.startsWith(`${request.ps}.`));
    return [...wanted, ...routers.filter(hasContainer).map((task) => this.#routerSource(task, request.app.name))];
  }

  #nodeOf(task: TaskInfo): string | undefined {
    return this.#nodes && task.nodeId;
  }

  #source(
    id: string,
    ps: string,
    node: string | undefined,
    read: (options: LogOptions) => AsyncIterable<LogLine>,
  ): LogSource {
    return { id, ps, node, read, show: ({ at, line }) => ({ at, source: 'app', ps, line }) };
  }

  #routerSource(task: TaskInfo, app: string): LogSource {
    const lines = taskLines(this.#engine, this.#nodes, task);
    return {
      id: task.id,
      ps: 'router',
      node: this.#nodeOf(task),
      read: (options) =>
        lines(options.tail === undefined ? options : { ...options, tail: options.tail * ROUTER_DEPTH }),
      // The router writes in batches: the request's own time sorts its line among those of the app.
      show: ({ line }) => {
        const request = routerLineOf(app, line);
        return request && { at: request.at, source: 'router', ps: 'router', line: formatRouterLine(request) };
      },
    };
  }
}

/** One line in the style of Heroku's error codes. */
function stopSource({ at, ps, container, why }: PlatformStop): LogSource {
  return {
    id: `stop-${container}`,
    ps,
    node: undefined,
    read: () => Readable.from([{ stream: 'stderr', line: `Error: the process ${why}.`, at }]),
    show: ({ line }) => ({ at, source: 'app', ps, line }),
  };
}

function hasContainer(task: TaskInfo): boolean {
  return task.containerId !== undefined;
}
