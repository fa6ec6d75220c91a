import { KIND, label, processName } from '#labels.ts';
import { ownContainers } from '#ownership.ts';
import type { Engine, NodeInfo, Volumes } from '#engine';
import { isoNow, keepUp, type Clock, type Logger } from '#events';
import type { NodeEngines } from '#nodes/engines/node-engines.ts';
import { GiB, inMegabytes } from '#values/size.ts';
import { DiskStops, type DiskStop } from './disk-stops.ts';

interface DiskWatchPorts {
  readonly engine: Engine;
  readonly engines: NodeEngines;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly dataDir: string;
}

type Disk = { readonly total: number; readonly free: number };

/** A fast disk fills at about 1 GB/s. */
const EVERY_MS = 2_000;
/** Of each disk, kept free for Swarm's store and the engine: this many bytes, or a tenth of a small disk. */
const KEPT_FREE = 5 * GiB;
const KEPT_FREE_SHARE = 0.1;
/** What every process may write: this many bytes, or a fiftieth of a small disk. */
const ALLOWED = GiB;
const ALLOWED_SHARE = 0.02;

/** A process with its container, which may have ended. */
interface Written {
  readonly app: string;
  readonly ps: string;
  readonly container: string;
  readonly running: boolean;
  readonly bytes: number;
  readonly volumes: readonly string[];
}

export function isNearlyFull({ total, free }: Disk): boolean {
  return free < Math.min(KEPT_FREE, total * KEPT_FREE_SHARE);
}

/** The process that has written the most, and more than every process may. */
export function findOffender<T extends Pick<Written, 'bytes'>>(all: readonly T[], { total }: Disk): T | undefined {
  const [most] = all.toSorted((a, b) => b.bytes - a.bytes);
  return most && most.bytes > Math.min(ALLOWED, total * ALLOWED_SHARE) ? most : undefined;
}

/**
 * Keeps apps from filling a node's disk, on which Swarm's store would fail for every app: services have no quota. While
 * a disk is nearly full, kills the process there that has written the most, and then removes its container with its
 * files. Measures the volumes that images declare only if that finds nothing, since it takes longer.
 */
export class DiskWatch {
  readonly #stops: DiskStops;
  /** Nodes whose disk is nearly full. */
  readonly #full = new Set<string>();

  constructor(private readonly parts: DiskWatchPorts) {
    this.#stops = new DiskStops(parts.dataDir);
  }

  async keep(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.parts;
    const failed = (error: unknown): void => logger.warn({ err: error }, 'failed to watch the disks');
    await this.#stops.load().catch(failed);
    await keepUp({ clock, firstMs: EVERY_MS, everyMs: EVERY_MS, failed }, () => this.once(), signal);
  }

  /** What was stopped of an app. */
  stopsOf(app: string): readonly DiskStop[] {
    return this.#stops.of(app);
  }

  async once(): Promise<void> {
    const all = await this.parts.engines.all();
    await Promise.all(all.map(({ node, engine }) => this.#look(node, engine)));
  }

  async #look(node: NodeInfo, engine: Engine): Promise<void> {
    // A node that does not respond is reported elsewhere.
    const disk = (await this.parts.engines.report(node.id).catch(() => undefined))?.disk;
    if (!disk) return;
    this.#log(node, disk);
    if (!isNearlyFull(disk)) return;
    const written = await this.#measure(node, engine);
    const offender = findOffender(written, disk) ?? findOffender(await withVolumes(engine, written), disk);
    if (offender) await this.#stop(node, engine, offender);
  }

  /** Logs each change once. */
  #log({ id, hostname: node }: NodeInfo, disk: Disk): void {
    const { logger } = this.parts;
    const full = isNearlyFull(disk);
    if (full === this.#full.has(id)) return;
    if (full) {
      this.#full.add(id);
      logger.warn({ node, ...disk }, 'the disk of a node is nearly full');
    } else {
      this.#full.delete(id);
      logger.info({ node, ...disk }, 'the disk of a node has room again');
    }
  }

  async #measure({ id }: NodeInfo, engine: Engine): Promise<Written[]> {
    const { engine: manager } = this.parts;
    const [tasks, detached, runs] = await Promise.all([
      manager.tasks({ labels: { [label.kind]: KIND.process } }),
      manager.tasks({ labels: { [label.kind]: KIND.detached } }),
      ownContainers(engine, { [label.kind]: KIND.run }),
    ]);
    const names = [
      ...[...tasks, ...detached]
        .filter(({ nodeId }) => nodeId === id)
        .map(({ containerId = '', labels, slot }) => ({ id: containerId, labels, ps: processName(labels, slot) })),
      ...runs.map(({ id, labels }) => ({ id, labels, ps: labels[label.type] ?? '' })),
    ];
    const all = names.map(async ({ id: container, labels, ps }): Promise<Written | undefined> => {
      const found = container ? await engine.container(container, { size: true }) : undefined;
      if (!found) return undefined;
      const { running, writtenBytes: bytes = 0, volumes } = found;
      return { app: labels[label.app] ?? '', ps, container, running, bytes, volumes };
    });
    return (await Promise.all(all)).filter((found) => found !== undefined);
  }

  async #stop(node: NodeInfo, engine: Engine, { app, ps, container, running, bytes }: Written): Promise<void> {
    // By the next round, Swarm has noted how the process ended.
    if (!running) return engine.removeContainer(container);
    const { clock, logger } = this.parts;
    const why =
      `was stopped (R20): it had written ${inMegabytes(bytes)} ` +
      `to the disk of ${node.hostname}, which is nearly full`;
    const stop = { at: isoNow(clock), app, ps, container, why };
    logger.warn({ ...stop }, 'stopped a process that fills a disk');
    await engine.killContainer(container);
    // Afterwards, because the controller's own disk may be full.
    await this.#stops.add(stop);
  }
}

async function withVolumes(engine: Volumes, written: readonly Written[]): Promise<Written[]> {
  const mounting = written.filter(({ volumes }) => volumes.length > 0);
  if (mounting.length === 0) return [];
  const sizes = new Map(
    (await engine.volumes({}, { sizes: true })).map(({ name, sizeBytes = 0 }) => [name, sizeBytes]),
  );
  return mounting.map((process) => ({
    ...process,
    bytes: process.volumes.reduce((sum, name) => sum + (sizes.get(name) ?? 0), process.bytes),
  }));
}
