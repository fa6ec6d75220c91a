import { KIND, label } from '#labels.ts';
import type { RegistryPorts } from './ports.ts';
import { keepUp } from '#events';
import { isOfGeneration } from '#rollout';
import { appRepository, parseDigestReference } from './references.ts';
import type { AppRecord } from '#store';
import { beginChange } from '#apps/app-change.ts';
import { neededImages, stackRepositories } from './needed-images.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';

const LOOK_EVERY_MS = 5_000;
/** How long to wait after a failed start. */
const ADOPT_AGAIN_MS = 300_000;
/** How often to compare all images: a returning registry is not always a new task. */
const SYNC_EVERY_MS = 300_000;
const COLLECT_EVERY_MS = 3_600_000;

const CALLER = { user: 'mothership', role: 'admin', tokenId: '' } as const;

/** Keeps registries complete and clean, and makes every app's services pull from them. */
export class RegistryCare {
  #registries = '';
  #synced = -Infinity;
  #collected: number;
  /** When each app was last adopted. */
  readonly #adopted = new Map<string, number>();

  constructor(
    private readonly parts: RegistryPorts,
    private readonly flow: ReleaseFlow,
  ) {
    this.#collected = parts.clock.now();
  }

  async keep(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.parts;
    const failed = (error: unknown): void => logger.error({ err: error }, 'registry maintenance failed');
    await keepUp({ clock, everyMs: LOOK_EVERY_MS, failed }, () => this.once(signal), signal);
  }

  async once(signal: AbortSignal): Promise<void> {
    const places = await this.parts.images.places();
    if (places.length === 0) return;
    await this.#sync(places.join(' '));
    await this.adopt(signal);
    await this.#collect();
  }

  /**
   * Adopts apps from before there was a registry: pushes their images, and restarts services that reference images by
   * id, which other nodes cannot pull. Does nothing once all are adopted.
   */
  async adopt(signal: AbortSignal): Promise<void> {
    const { engine, store, logger } = this.parts;
    const services = await engine.services({ [label.kind]: KIND.process });
    const unpublished = services.filter(({ image }) => !this.#isPublished(image));
    for (const app of await store.apps.list()) {
      if (signal.aborted) return;
      const isUnpublished = unpublished.some(({ labels }) => isOfGeneration(labels, app.id, app.live));
      if (app.lease || !isUnpublished || !this.#isDue(app.id)) continue;
      await this.#adoptApp(app, signal).catch((error: unknown) =>
        logger.warn({ err: error, app: app.id }, 'failed to hand an app over to the registry'),
      );
    }
  }

  async #adoptApp(app: AppRecord, signal: AbortSignal): Promise<void> {
    const { store, images, operations, logger } = this.parts;
    const releases = await store.releases.list(app.id);
    for (const image of new Set(releases.flatMap(({ record }) => record.image ?? []))) {
      await images
        .publish(appRepository(app.id), image, { signal })
        .catch((error: unknown) => logger.warn({ err: error, image }, 'failed to push an image'));
    }
    const { id } = await beginChange(
      this.parts,
      { kind: 'restart', app: app.name, caller: CALLER },
      async (record, work) => {
        const release = await this.flow.restart(record, record.formation, work);
        return { app: record.name, release: release.version };
      },
    );
    // One app at a time: each temporarily runs twice.
    for await (const event of operations.events(id, 0, signal))
      if (event.type === 'failed') logger.warn({ app: app.id, error: event.error }, 'failed to restart an app');
  }

  #isDue(app: string): boolean {
    const { clock } = this.parts;
    if (clock.now() - (this.#adopted.get(app) ?? -Infinity) < ADOPT_AGAIN_MS) return false;
    this.#adopted.set(app, clock.now());
    return true;
  }

  async #sync(registries: string): Promise<void> {
    const { images, clock, cluster, logger } = this.parts;
    if (registries === this.#registries && clock.now() - this.#synced < SYNC_EVERY_MS) return;
    const { copied, missing } = await images.sync(await neededImages(this.parts));
    for (const [stack, { buildImage, runImage }] of Object.entries(cluster.stacks)) {
      const { build, run } = stackRepositories(stack);
      for (const [repository, image] of [
        [run, runImage],
        [build, buildImage],
      ] as const) {
        await images
          .publish(repository, image)
          .catch((error: unknown) => logger.warn({ err: error, image: repository }, 'failed to push an image'));
      }
    }
    if (copied > 0 || missing.length > 0)
      logger.info({ copied, missing: missing.slice(0, 20) }, 'synchronized the registries');
    this.#registries = registries;
    this.#synced = clock.now();
  }

  async #collect(): Promise<void> {
    const { images, clock, logger } = this.parts;
    if (clock.now() - this.#collected < COLLECT_EVERY_MS) return;
    // Undefined while something is pushed; retried later.
    const collection = await images.collectGarbage(() => neededImages(this.parts));
    if (!collection) return;
    logger.info({ ...collection }, 'cleaned up the registries');
    this.#collected = clock.now();
  }

  #isPublished(image: string): boolean {
    return parseDigestReference(this.parts.cluster.registry?.prefix ?? '', image) !== undefined;
  }
}
