import type { BuildPorts } from '../ports.ts';
import { Builder } from '../builder.ts';
import { cacheLimit, observeCaches, planEviction } from './cache-plan.ts';
import type { Engine, NodeInfo } from '#engine';
import { keepUp } from '#events';

const FIRST_MS = 10 * 60_000;
const EVERY_MS = 3_600_000;

type EvictionParts = Pick<BuildPorts, 'engines' | 'store' | 'clock' | 'logger' | 'buildQueue'>;

/** Keeps build caches on each node within their limit, evicting the app that built least recently first. */
export class CacheEviction {
  constructor(private readonly parts: EvictionParts) {}

  async keep(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.parts;
    const failed = (error: unknown): void => logger.warn({ err: error }, 'failed to check build caches');
    await keepUp({ clock, firstMs: FIRST_MS, everyMs: EVERY_MS, failed }, () => this.once(), signal);
  }

  async once(): Promise<void> {
    const { engines, logger } = this.parts;
    for (const { node, engine } of await engines.all()) {
      await this.#onNode(node, engine).catch((error: unknown) =>
        logger.warn({ err: error, node: node.hostname }, 'skipped the build caches of a node'),
      );
    }
  }

  async #onNode(node: NodeInfo, engine: Engine): Promise<void> {
    const { engines, store, clock, logger, buildQueue } = this.parts;
    const { cacheBytes } = await store.settings.builds();
    const limit = cacheBytes ?? cacheLimit((await engines.report(node.id)).disk.total);
    const caches = await observeCaches(engine, (app) => this.#lastBuild(app));
    const plan = planEviction(caches, limit, (app) => buildQueue.has(app));
    for (const { app, bytes } of plan) {
      logger.info({ node: node.hostname, app, bytes }, 'evicting a build cache');
      await new Builder({ engine, clock }).forget(app);
    }
  }

  async #lastBuild(app: string): Promise<number> {
    const { store } = this.parts;
    if (!(await store.apps.byId(app))) return 0;
    const [newest] = await store.builds.list(app);
    return newest ? Date.parse(newest.record.createdAt) : 0;
  }
}
