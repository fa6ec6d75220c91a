import { KIND, label } from '#labels.ts';
import type { OperationPorts } from './ports.ts';
import type { Labels } from '#engine';
import { keepUp } from '#events';
import { fail } from '#errors';
import { appNetwork, isOfGeneration, removeGeneration, retireGeneration, sameGeneration } from '#rollout';
import type { AppRecord, Generation, Lease } from '#store';
import { observeRuns } from '#processes/one-offs/observe-runs.ts';
import { planRunSweep } from '#processes/one-offs/run-sweep.ts';
import { destroyApp } from '#apps/destroy-app.ts';
import { failInterruptedBuild } from '#builds/interrupted-build.ts';

const EVERY_MS = 5000;

/**
 * Removes services of old releases and cleans up after controllers that died: finishes or undoes the work of expired
 * leases. Only touches services whose labels mark them as an app's process.
 */
export class Sweep {
  constructor(private readonly parts: OperationPorts) {}

  async keep(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.parts;
    const failed = (error: unknown): void => logger.error({ err: error }, 'sweep failed');
    await keepUp({ clock, everyMs: EVERY_MS, failed }, () => this.once(), signal);
  }

  async once(): Promise<void> {
    for (const app of await this.parts.store.apps.list()) {
      if (app.lease && this.parts.leases.isExpired(app.lease)) await this.#recover(app, app.lease);
    }
    await this.#removeOrphans();
    await this.#removeEndedRuns();
  }

  async #recover(app: AppRecord, lease: Lease): Promise<void> {
    const { store, leases, operations, logger } = this.parts;
    logger.warn(
      { app: app.id, operation: lease.operation, target: lease.target },
      'recovering an operation of a stopped controller',
    );
    if (lease.kind === 'destroy') return destroyApp(this.parts, app);
    if (lease.target) await this.#finishOrUndo(app, lease.target);
    await this.#settleReleases(app);
    // A restore covers more than this app, so it must be run again.
    const reached = lease.kind !== 'restore' && lease.target !== undefined && sameGeneration(app.live, lease.target);
    await leases.release(app.id, lease.operation);
    const error = reached ? undefined : fail('INTERRUPTED', { what: `the ${lease.kind} of ${app.name}` });
    await operations.conclude(lease.operation, error, { app: app.name, release: app.live?.release });
    await failInterruptedBuild(store, app.id, lease.operation);
  }

  /** The live release in the record decides: once it is the target, the switch has happened. */
  async #finishOrUndo(app: AppRecord, target: Generation): Promise<void> {
    const { engine } = this.parts;
    if (!sameGeneration(app.live, target)) await removeGeneration(engine, app.id, target);
    else if (app.previous) await retireGeneration(engine, app.id, app.previous);
  }

  /** The lease was exclusive, so every pending release belongs to its operation. */
  async #settleReleases(app: AppRecord): Promise<void> {
    const { store } = this.parts;
    for (const { record, status } of await store.releases.list(app.id)) {
      if (status.status !== 'pending') continue;
      const isLive = record.version === app.live?.release;
      await store.releases.setStatus(
        app.id,
        record.version,
        isLive ? { status: 'succeeded' } : { status: 'failed', error: 'The controller restarted' },
      );
    }
  }

  /** Removes services of unknown apps or generations, and networks of deleted apps. */
  async #removeOrphans(): Promise<void> {
    const { engine, store, logger } = this.parts;
    // Lists services first: a rollout records its target before it creates services.
    const services = await engine.services({ [label.kind]: KIND.process });
    const detached = await engine.services({ [label.kind]: KIND.detached });
    const networks = await engine.networks({ [label.kind]: KIND.appNetwork });
    const apps = new Map((await store.apps.list()).map((app) => [app.id, app]));
    const orphans = [...services, ...detached].filter(({ labels }) => {
      const app = apps.get(labels[label.app] ?? '');
      return !app || (labels[label.kind] === KIND.process && !belongs(labels, app));
    });
    // Waits until the service's processes have stopped.
    await Promise.all(
      orphans.map((service) => {
        logger.info({ service: service.name }, 'removing an orphaned service');
        return engine.removeService(service.id);
      }),
    );
    for (const network of networks) {
      const id = network.labels[label.app] ?? '';
      // Its last tasks may still be stopping; the next sweep tries again.
      if (!apps.has(id) && network.name === appNetwork(id))
        await engine.removeNetwork(network.id).catch(() => undefined);
    }
  }

  async #removeEndedRuns(): Promise<void> {
    const { engine, engines, clock } = this.parts;
    for (const { service, node, container } of planRunSweep(await observeRuns(this.parts), clock.now())) {
      const remove = async (): Promise<void> =>
        service ? engine.removeService(service) : (await engines.on(node!)).removeContainer(container!);
      await remove().catch(() => undefined);
    }
  }
}

function belongs(labels: Labels, { id, live, previous, lease }: AppRecord): boolean {
  return [live, previous, lease?.target].some((kept) => isOfGeneration(labels, id, kept));
}
