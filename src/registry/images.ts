import type { Engine, PushedImage, RegistryAuth } from '#engine/engine.ts';
import { fail, isMothershipError } from '#errors';
import type { Clock } from '#events';
import { ImageCopy } from './copy.ts';
import { GarbageCollection } from './garbage-collection.ts';
import type { Collection, ImageStore, NeededImages, Published, SyncReport, Transfer } from './image-store.ts';
import { SharedLock } from './lock.ts';
import { digestReference, isPlatform, tagOf, tagReference } from './references.ts';
import type { Registry } from './client/registry.ts';

interface ImagesParts {
  /** The controller's own. */
  readonly engine: Engine;
  readonly clock: Clock;
  /** Prefix of references: `registry.mothership.internal:5000`, `ghcr.io/org`. */
  readonly prefix: string;
  readonly auth: RegistryAuth;
  /** Running registries; an external registry is one. */
  readonly registries: () => Promise<readonly Registry[]>;
  /** Whether to delete images; not in an external registry unless its owner allows it. */
  readonly collects: boolean;
  readonly warn: (facts: object, message: string) => void;
}

interface Copy {
  readonly registry: Registry;
  readonly digest: string | undefined;
}

const PUSH_ATTEMPTS = 3;
const PAUSE_MS = 1000;

/**
 * Images in the cluster's registries, one per manager. Nodes pull from any of them, so an image is only published when
 * all running registries have it; a returning registry gets it by `sync`.
 */
export class Images implements ImageStore {
  readonly shared = true;
  readonly #lock = new SharedLock();
  readonly #garbage: GarbageCollection;
  #whole: readonly string[] = [];

  constructor(private readonly parts: ImagesParts) {
    this.#garbage = new GarbageCollection(parts.warn);
  }

  async places(): Promise<readonly string[]> {
    return (await this.parts.registries()).map(({ where }) => where).sort();
  }

  async whole(): Promise<readonly string[]> {
    const running = (await this.parts.registries()).map(({ node }) => node);
    // A registry that was away may be incomplete.
    this.#whole = this.#whole.filter((node) => running.includes(node));
    return this.#whole;
  }

  async publish(repository: string, image: string, transfer: Transfer = {}): Promise<Published> {
    const { prefix, auth } = this.parts;
    return this.#lock.shared(async () => {
      const found = holder(await this.#look(repository, tagOf(image)));
      const pushed = found ? undefined : await this.#push(repository, image, transfer);
      const digest = await this.#spread(repository, tagOf(image));
      if (!digest) throw fail('IMAGE_GONE', { image });
      return {
        reference: digestReference(prefix, repository, digest),
        auth,
        ...(pushed ? { sent: wordsOf(pushed) } : {}),
      };
    });
  }

  async ensure(
    repository: string,
    image: string,
    { engine = this.parts.engine, onLine = () => undefined, signal }: Transfer = {},
  ): Promise<void> {
    if (await engine.image(image)) return;
    const { prefix, auth } = this.parts;
    const pull = (): Promise<void> => engine.pullImage(tagReference(prefix, repository, image), onLine, signal, auth);
    await pull().catch(async (error: unknown) => {
      if (!isMothershipError(error, 'IMAGE_UNAVAILABLE')) throw error;
      // The node may ask the registry that lacks it first.
      if (!(await this.#lock.shared(() => this.#spread(repository, tagOf(image)))))
        throw fail('IMAGE_GONE', { image }, error);
      await pull();
    });
    if (!(await engine.image(image))) throw fail('IMAGE_GONE', { image });
  }

  async has(repository: string, image: string): Promise<boolean> {
    return (
      holder(await this.#look(repository, tagOf(image))) !== undefined ||
      (await this.parts.engine.image(image)) !== undefined
    );
  }

  async forget(repository: string, image: string): Promise<void> {
    // A node tags what it pulled; without the tag, the image can be removed by id.
    await this.parts.engine.removeImage(tagReference(this.parts.prefix, repository, image)).catch(() => undefined);
    await this.#forget(repository, [tagOf(image)]);
  }

  async forgetAll(repository: string): Promise<void> {
    await this.#forget(repository, undefined);
  }

  async sync({ images }: NeededImages): Promise<SyncReport> {
    const registries = await this.parts.registries();
    const failed = new Set<Registry>();
    // A single registry has nothing to compare with.
    const report =
      registries.length < 2 ? { copied: 0, missing: [] } : await this.#copyAround(registries, images, failed);
    this.#whole = registries.flatMap((registry) => (registry.node && !failed.has(registry) ? [registry.node] : []));
    return report;
  }

  async collectGarbage(needed: () => Promise<NeededImages>): Promise<Collection | undefined> {
    if (!this.parts.collects) return undefined;
    return this.#lock.alone(async () => this.#garbage.collect(await this.parts.registries(), await needed()));
  }

  /** Finds where the image is; unresponsive registries count as empty. Throws if none responds. */
  async #look(repository: string, tag: string): Promise<Copy[]> {
    const registries = await this.parts.registries();
    const answers = await Promise.allSettled(
      registries.map(async (registry) => ({ registry, digest: await registry.digestOf(repository, tag) })),
    );
    const copies = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (copies.length > 0) return copies;
    throw failed
      ? failed.reason
      : fail('REGISTRY_UNREACHABLE', { where: this.parts.prefix, why: 'no registry is running' });
  }

  async #push(
    repository: string,
    image: string,
    { engine = this.parts.engine, onLine = () => undefined, signal }: Transfer,
  ): Promise<PushedImage> {
    const { prefix, auth, clock } = this.parts;
    if (!(await engine.image(image))) throw fail('IMAGE_GONE', { image });
    const reference = tagReference(prefix, repository, image);
    await engine.tagImage(image, reference);
    for (let attempt = 1; ; attempt++) {
      try {
        return await engine.pushImage(reference, auth, onLine, signal);
      } catch (error) {
        if (attempt === PUSH_ATTEMPTS || !isMothershipError(error, 'IMAGE_PUSH_FAILED')) throw error;
        await clock.sleep(PAUSE_MS * attempt, signal);
      }
    }
  }

  /**
   * Copies the image to registries that lack it and returns its digest, or undefined if none has it. Adds registries
   * that still lack it to `failed`.
   */
  async #spread(repository: string, tag: string, failed?: Set<Registry>): Promise<string | undefined> {
    const copies = await this.#look(repository, tag);
    const source = holder(copies);
    if (!source) return undefined;
    const lacking = copies.filter(({ digest }) => digest !== source.digest);
    if (lacking.length === 0) return source.digest;
    // Other images are based on these, so another registry has their layers already.
    const relatives = (await platformRepositories(source.registry)).filter((name) => /(-run|\/base)$/.test(name));
    await Promise.all(
      lacking.map(async ({ registry }) => {
        const copy = new ImageCopy(source.registry, registry, repository, relatives);
        await copy.run(source.digest, tag).catch((error: unknown) => {
          failed?.add(registry);
          this.parts.warn({ err: error, registry: registry.where, repository, tag }, 'failed to copy an image');
        });
      }),
    );
    return source.digest;
  }

  /** Adds registries that are still incomplete to `failed`. */
  async #copyAround(
    registries: readonly Registry[],
    images: NeededImages['images'],
    failed: Set<Registry>,
  ): Promise<SyncReport> {
    const missing: string[] = [];
    let copied = 0;
    for (const [repository, tags] of inOrder(
      images,
      (await Promise.all(registries.map(platformRepositories))).flat(),
    )) {
      for (const tag of await this.#lacking(registries, repository, tags, failed)) {
        if (await this.#lock.shared(() => this.#spread(repository, tag, failed))) copied += 1;
        else missing.push(`${repository}:${tag}`);
      }
    }
    return { copied, missing };
  }

  async #forget(repository: string, tags: readonly string[] | undefined): Promise<void> {
    if (!this.parts.collects) return;
    const registries = await this.parts.registries();
    await this.#lock.shared(() =>
      Promise.all(registries.map((registry) => this.#garbage.forget(registry, repository, tags))),
    );
  }

  /**
   * Tags that some registries lack; for the platform's repositories, all tags. Adds unresponsive registries to
   * `silent`.
   */
  async #lacking(
    registries: readonly Registry[],
    repository: string,
    wanted: readonly string[],
    silent: Set<Registry>,
  ): Promise<string[]> {
    const answers = await Promise.all(
      registries.map((registry) => registry.tags(repository).catch(() => void silent.add(registry))),
    );
    const held = answers.filter((tags) => tags !== undefined);
    const all = isPlatform(repository) ? [...new Set([...wanted, ...held.flat()])] : wanted;
    return all.filter((tag) => !held.every((tags) => tags.includes(tag)));
  }
}

/** Tags by repository: first what every node needs, last what only builds need. */
function inOrder(images: NeededImages['images'], platform: readonly string[]): Map<string, string[]> {
  const tags = new Map([...images].map(([repository, ids]) => [repository, [...ids].map(tagOf)]));
  for (const repository of platform) tags.set(repository, tags.get(repository) ?? []);
  const rank = (repository: string): number => (!isPlatform(repository) ? 1 : repository.endsWith('-build') ? 2 : 0);
  return new Map([...tags].sort(([a], [b]) => rank(a) - rank(b)));
}

function holder(copies: readonly Copy[]): { registry: Registry; digest: string } | undefined {
  const found = copies.find(({ digest }) => digest !== undefined);
  return found?.digest === undefined ? undefined : { registry: found.registry, digest: found.digest };
}

async function platformRepositories(registry: Registry): Promise<string[]> {
  return (await registry.repositories().catch(() => [])).filter(isPlatform);
}

function wordsOf({ layers, bytes }: PushedImage): string {
  const all = layers.pushed + layers.known;
  return `${layers.pushed} of ${all} layers, ${(bytes / 1e6).toFixed(1)} MB`;
}
