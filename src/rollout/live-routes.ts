import type { Engine, TaskInfo } from '../engine/index.ts';
import type { Clock } from '../events/index.ts';
import { planRouteTable, type Route, type RoutedApp, type RouterHub } from '../router/index.ts';
import type { AppRecord, Store } from '../store/index.ts';
import { generationId, KIND, label } from './generation.ts';
import type { Readiness } from './readiness.ts';

export interface LiveRoutesPorts {
  readonly engine: Engine;
  readonly store: Store;
  readonly hub: RouterHub;
  readonly readiness: Readiness;
  readonly clock: Clock;
  readonly domain: string;
  /** Id of the network on which routers reach web tasks. */
  readonly proxyNetwork: string;
}

/** Between looks at Swarm while nothing happens; a change that Mothership makes itself is published at once. */
const LOOK_EVERY_MS = 1000;

/** A router takes a table within milliseconds. */
const SETTLE_MS = 3000;

/** Keeps the routers' table true to what runs: the ready web tasks of each app's live generation. */
export class LiveRoutes {
  readonly #ports: LiveRoutesPorts;
  #running: Promise<number> | undefined;
  #next: Promise<number> | undefined;

  constructor(ports: LiveRoutesPorts) {
    this.#ports = ports;
  }

  /** Looks anew and publishes; resolves with the table's version once a look that began after this call is published. */
  refresh(): Promise<number> {
    if (!this.#running) return this.#begin();
    this.#next ??= this.#running.catch(() => undefined).then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    return this.#next;
  }

  /** Publishes what was changed and gives the routers a moment to serve it; one that is away takes it when it is back. */
  async settle(): Promise<void> {
    const version = await this.refresh();
    await this.#ports.hub.acknowledged(version, { timeoutMs: SETTLE_MS }).catch(() => undefined);
  }

  #begin(): Promise<number> {
    this.#running = this.#publish().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Looks on until the signal; `onError` hears of looks that failed, the next one tries again. */
  async keep(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    while (!signal.aborted) {
      await this.refresh().catch(onError);
      await this.#ports.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  }

  async #publish(): Promise<number> {
    const { engine, store, hub, readiness } = this.#ports;
    const [apps, tasks, nodes] = await Promise.all([
      store.apps.list(),
      engine.tasks({ labels: { [label.kind]: KIND.process, [label.type]: 'web' }, desired: 'running' }),
      engine.nodes(),
    ]);
    // Nobody tells Swarm how tasks fare on a node that does not answer: their last word was that they run.
    const lost = new Set(nodes.filter((node) => node.state === 'down').map((node) => node.id));
    const byGeneration = groupByGeneration(tasks.filter((task) => task.state === 'running' && task.desired === 'running' && !lost.has(task.nodeId)));
    const live = apps.flatMap((app) => (app.live ? (byGeneration.get(generationId(app.id, app.live)) ?? []) : []));
    await this.#askNewOnes(live);
    readiness.forgetAllBut(tasks.map((task) => task.id));
    return hub.publish(this.#plan(apps, byGeneration));
  }

  /** The very first table waits for all answers: an empty one would take every app down after a restart. */
  async #askNewOnes(tasks: readonly TaskInfo[]): Promise<void> {
    const { hub, readiness } = this.#ports;
    const asked = tasks.filter((task) => !readiness.isReady(task.id)).map((task) => this.#ask(task));
    if (!hub.table) await Promise.all(asked);
    else void Promise.all(asked).then((answers) => (answers.includes(true) ? this.refresh() : undefined)).catch(() => undefined);
  }

  #ask(task: TaskInfo): Promise<boolean> {
    const peer = this.#peer(task);
    return peer ? this.#ports.readiness.ask(task, peer.host, peer.port) : Promise.resolve(false);
  }

  #peer(task: TaskInfo): { host: string; port: number } | undefined {
    const host = task.addresses[this.#ports.proxyNetwork];
    const port = Number(task.labels[label.port]);
    return host && port ? { host, port } : undefined;
  }

  #plan(apps: readonly AppRecord[], byGeneration: ReadonlyMap<string, TaskInfo[]>): Route[] {
    const routed = apps.map((app): RoutedApp => {
      const id = app.live && generationId(app.id, app.live);
      const ready = (id ? (byGeneration.get(id) ?? []) : []).filter((task) => this.#ports.readiness.isReady(task.id));
      const peers = ready.flatMap((task) => this.#peer(task) ?? []);
      return {
        name: app.name,
        hosts: app.domains,
        maintenance: app.maintenance,
        releases: id ? [{ id, weight: 1, peers }] : [],
      };
    });
    return planRouteTable({ domain: this.#ports.domain, apps: routed });
  }
}

function groupByGeneration(tasks: readonly TaskInfo[]): Map<string, TaskInfo[]> {
  const groups = new Map<string, TaskInfo[]>();
  for (const task of tasks) {
    const id = task.labels[label.generation] ?? '';
    groups.set(id, [...(groups.get(id) ?? []), task]);
  }
  return groups;
}
