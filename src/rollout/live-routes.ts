import { KIND, label } from '#labels.ts';
import { hostNameOf, type NodeInfo, type Nodes, type Services, type TaskInfo } from '#engine';
import { keepUp } from '#events';
import type { Clock } from '#events';
import { planRouteTable, type RoutedApp, type RouterHub } from '#router';
import type { AppRecord, Store } from '#store';
import { generationId, isOfGeneration } from './generation.ts';
import { observeTasks } from './observe-services.ts';
import type { Readiness } from './readiness.ts';

interface LiveRoutesPorts {
  readonly engine: Nodes & Services;
  readonly store: Store;
  readonly hub: RouterHub;
  readonly readiness: Readiness;
  readonly clock: Clock;
  readonly domain: string;
  /** Id of the network on which routers reach web tasks. */
  readonly proxyNetwork: string;
  /** Name of the routers' service. */
  readonly routerService: string;
}

/** Interval between full observations of Swarm; Mothership's own changes are published immediately. */
const LOOK_EVERY_MS = 1000;
/** With thousands of tasks an observation is expensive for the engine, so pauses grow with its duration. */
const PAUSE_PER_LOOK = 4;

/** A router applies a table within milliseconds. */
const SETTLE_MS = 3000;

/** An observation of one app; of two, the one that started later counts. */
interface ObservedApp {
  readonly turn: number;
  readonly id: string;
  /** Undefined if the app no longer exists. */
  readonly app: AppRecord | undefined;
  /** Web tasks of its live generation on responsive nodes. */
  readonly tasks: readonly TaskInfo[];
}

/** Keeps the routers' table up to date: the ready web tasks of each app's live generation. */
export class LiveRoutes {
  /** Tasks that were silent when the first table was made, until they accept or refuse a connection. */
  readonly #presumed = new Set<string>();
  #looks: ReadonlyMap<string, ObservedApp> = new Map();
  #turn = 0;
  #running: Promise<number> | undefined;
  #next: Promise<number> | undefined;

  constructor(private readonly ports: LiveRoutesPorts) {}

  /**
   * Observes one app by id, or all, and publishes. Resolves with the table's version once an observation started after
   * this call is published.
   */
  refresh(app?: string): Promise<number> {
    // The first table must include all apps.
    if (app !== undefined && this.ports.hub.table) return this.#lookAt(app);
    if (!this.#running) return this.#begin();
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#begin();
      });
    return this.#next;
  }

  /** Publishes changes and gives routers a moment to apply them; a disconnected router catches up later. */
  async settle(app?: string): Promise<void> {
    const version = await this.refresh(app);
    await this.ports.hub.acknowledged(version, { timeoutMs: SETTLE_MS }).catch(() => undefined);
  }

  /** Keeps observing until the signal aborts; `onError` is called with errors, and the next round tries again. */
  keep(signal: AbortSignal, failed: (error: unknown) => void): Promise<void> {
    const { clock } = this.ports;
    return keepUp({ clock, everyMs: LOOK_EVERY_MS, restFactor: PAUSE_PER_LOOK, failed }, () => this.refresh(), signal);
  }

  #begin(): Promise<number> {
    this.#running = this.#lookAtAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #lookAtAll(): Promise<number> {
    const { engine, store, readiness, hub, routerService } = this.ports;
    const turn = ++this.#turn;
    const before = readiness.known();
    const [apps, tasks, nodes, routers] = await Promise.all([
      store.apps.list(),
      engine.tasks({ labels: { [label.kind]: KIND.process, [label.type]: 'web' }, desired: 'running' }),
      engine.nodes(),
      engine.tasks({ service: routerService, desired: 'running' }),
    ]);
    // Routers report under their host names.
    hub.expectRouters(running(routers, nodes).flatMap((task) => hostNameOf(task) ?? []));
    const byApp = groupByApp(running(tasks, nodes));
    const looks = apps.map((app): ObservedApp => ({
      turn,
      id: app.id,
      app,
      tasks: (byApp.get(app.id) ?? []).filter(({ labels }) => isOfGeneration(labels, app.id, app.live)),
    }));
    const later = [...this.#looks.values()].filter((look) => look.turn > turn);
    this.#looks = new Map([...looks, ...later].map((look) => [look.id, look]));
    await this.#askNewOnes(looks.flatMap((look) => look.tasks));
    const held = new Set(tasks.map((task) => task.id));
    readiness.forget(before.filter((id) => !held.has(id)));
    for (const id of this.#presumed) if (!held.has(id)) this.#presumed.delete(id);
    return this.#publish();
  }

  async #lookAt(id: string): Promise<number> {
    const { engine, store } = this.ports;
    const turn = ++this.#turn;
    const [app, nodes] = await Promise.all([store.apps.byId(id), engine.nodes()]);
    const all = app?.live ? await observeTasks(engine, id, app.live, { desired: 'running' }) : [];
    const tasks = running(all, nodes).filter(({ labels }) => labels[label.type] === 'web');
    if ((this.#looks.get(id)?.turn ?? 0) < turn) this.#looks = new Map(this.#looks).set(id, { turn, id, app, tasks });
    await this.#askNewOnes(tasks);
    return this.#publish();
  }

  /** The first table waits for all probes: an incomplete one would take apps down after a restart. */
  async #askNewOnes(tasks: readonly TaskInfo[]): Promise<void> {
    const { hub, readiness } = this.ports;
    const first = hub.table === undefined;
    const asked = tasks.filter((task) => !readiness.isReady(task.id)).map((task) => this.#ask(task, first));
    if (first) await Promise.all(asked);
    else
      void Promise.all(asked)
        .then((changes) => (changes.includes(true) ? this.#publish() : undefined))
        .catch(() => undefined);
  }

  /**
   * Resolves with whether the task's route may have changed. An earlier controller routed what the first table is made
   * of, so only a refused connection removes it: a node whose agent is down drops the packets of a controller that
   * has just moved there.
   */
  async #ask(task: TaskInfo, first: boolean): Promise<boolean> {
    const peer = this.#peer(task);
    if (!peer) return false;
    const answer = await this.ports.readiness.ask(task, peer.host, peer.port);
    if (answer === 'silent') {
      if (first) this.#presumed.add(task.id);
      return false;
    }
    return this.#presumed.delete(task.id) || answer === 'accepted';
  }

  #peer(task: TaskInfo): { host: string; port: number } | undefined {
    const host = task.addresses[this.ports.proxyNetwork];
    const port = Number(task.labels[label.port]);
    return host && port ? { host, port } : undefined;
  }

  #publish(): number {
    const apps = [...this.#looks.values()].flatMap((look) => (look.app ? this.#routed(look.app, look.tasks) : []));
    apps.sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.ports.hub.publish(planRouteTable({ domain: this.ports.domain, apps }));
  }

  #routed(app: AppRecord, tasks: readonly TaskInfo[]): RoutedApp {
    const ready = tasks.filter(({ id }) => this.ports.readiness.isReady(id) || this.#presumed.has(id));
    const peers = ready.flatMap((task) => this.#peer(task) ?? []);
    return {
      name: app.name,
      hosts: app.domains,
      maintenance: app.maintenance,
      webless: app.live?.webless ?? false,
      releases: app.live ? [{ id: generationId(app.id, app.live), weight: 1, peers }] : [],
    };
  }
}

/** Swarm's last known state of tasks on an unresponsive node is running, so those are excluded. */
function running(tasks: readonly TaskInfo[], nodes: readonly NodeInfo[]): TaskInfo[] {
  const lost = new Set(nodes.filter((node) => node.state === 'down').map((node) => node.id));
  return tasks.filter((task) => task.state === 'running' && task.desired === 'running' && !lost.has(task.nodeId));
}

function groupByApp(tasks: readonly TaskInfo[]): Map<string, TaskInfo[]> {
  const groups = new Map<string, TaskInfo[]>();
  for (const task of tasks) {
    const id = task.labels[label.app] ?? '';
    groups.set(id, [...(groups.get(id) ?? []), task]);
  }
  return groups;
}
