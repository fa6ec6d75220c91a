import { KIND, label } from '#labels.ts';
import { ownContainers, ownReferences } from '#ownership.ts';
import type { NodePorts } from '../ports.ts';
import type { Containers, ImageInfo, Images } from '#engine';
import { appOfTag } from '#builds';
import { keepUp } from '#events';

const FIRST_MS = 5 * 60_000;
const EVERY_MS = 3_600_000;
/** A new build's image has no release yet, and a release may take an hour. */
const YOUNG_MS = 2 * 3_600_000;
/** Time to wait for a stalled node. */
const PATIENCE_MS = 60_000;

/** What recorded releases may start: images by id. */
interface Needed {
  readonly apps: ReadonlySet<string>;
  readonly images: ReadonlySet<string>;
}

/**
 * Removes from every node images that no kept release uses, images of destroyed apps, and left-over containers of
 * forwarded connections. Only considers objects with the platform's labels; the engine keeps images that a container
 * uses.
 */
export class NodePruning {
  readonly #parts: NodePorts;

  constructor(parts: NodePorts) {
    this.#parts = parts;
  }

  async keep(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    const failed = (error: unknown): void => logger.warn({ err: error }, 'failed to prune nodes');
    await keepUp({ clock, firstMs: FIRST_MS, everyMs: EVERY_MS, failed }, () => this.once(), signal);
  }

  async once(): Promise<void> {
    const { engines, clock, logger } = this.#parts;
    // Lists engines first: images created later are not in the list.
    const nodes = await Promise.all(
      (await engines.all()).map(async ({ node, engine }) => {
        const images = await Promise.race([
          engine.images({ [label.kind]: KIND.image }),
          clock.sleep(PATIENCE_MS).then(() => []),
        ]).catch(() => []);
        return { node, engine, images };
      }),
    );
    const needed = await this.#needed();
    await Promise.all(
      nodes.map(async ({ node, engine, images }) => {
        const prune = this.#prune(
          engine,
          images.flatMap((image) => this.#left(image, needed)),
        );
        await Promise.race([prune, clock.sleep(PATIENCE_MS)]).catch((error: unknown) =>
          logger.warn({ err: error, node: node.hostname }, 'failed to prune a node'),
        );
      }),
    );
  }

  async #needed(): Promise<Needed> {
    const { store } = this.#parts;
    const apps = (await store.apps.list()).map(({ id }) => id);
    const releases = await Promise.all(apps.map((id) => store.releases.list(id)));
    return { apps: new Set(apps), images: new Set(releases.flat().flatMap(({ record }) => record.image ?? [])) };
  }

  /** References to remove. An image that is needed loses only its names of destroyed apps. */
  #left(image: ImageInfo, { apps, images }: Needed): readonly string[] {
    if (this.#parts.clock.now() - Date.parse(image.createdAt) <= YOUNG_MS) return [];
    if (!images.has(image.id)) return ownReferences(image);
    return image.tags.filter((tag) => {
      const app = appOfTag(tag);
      return app !== undefined && !apps.has(app);
    });
  }

  async #prune(engine: Containers & Images, references: readonly string[]): Promise<void> {
    // An image in use is refused, which is fine.
    for (const reference of references) await engine.removeImage(reference).catch(() => undefined);
    for (const helper of await ownContainers(engine, { [label.kind]: KIND.forward })) {
      if (!helper.running && helper.exitCode !== undefined) await engine.removeContainer(helper.id);
    }
  }
}
