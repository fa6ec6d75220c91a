import type { Collection, NeededImages } from './image-store.ts';
import { isPlatform, tagOf } from './references.ts';
import type { Registry } from './client/registry.ts';

/** Repositories that Mothership manages; others in a registry are not ours. */
const OURS = /^(apps|platform)\//;

/**
 * Deletes unneeded images. The registry frees their layers after each collection that deleted something, while nothing
 * is pushed: a layer that a push found must still exist when its manifest arrives.
 */
export class GarbageCollection {
  /** Registries with layers to free, by location. */
  readonly #dirty = new Set<string>();
  /**
   * Platform images that were unneeded last time. A new version's images are pushed before the cluster's record names
   * them.
   */
  #suspects = new Set<string>();

  constructor(private readonly warn: (facts: object, message: string) => void) {}

  async collect(registries: readonly Registry[], needed: NeededImages): Promise<Collection> {
    let manifests = 0;
    const freed: string[] = [];
    const suspects = new Set<string>();
    for (const registry of registries) {
      try {
        manifests += await this.#deleteUnneeded(registry, needed, suspects);
        if (!this.#dirty.has(registry.where)) continue;
        await registry.freeBlobs();
        this.#dirty.delete(registry.where);
        freed.push(registry.where);
      } catch (error) {
        this.warn({ err: error, registry: registry.where }, 'failed to clean up a registry');
      }
    }
    this.#suspects = suspects;
    return { manifests, freed };
  }

  /** Deletes these tags, or the whole repository. An unresponsive registry is cleaned by the next collection. */
  async forget(registry: Registry, repository: string, tags?: readonly string[]): Promise<void> {
    try {
      const held = await registry.tags(repository);
      const gone = held.filter((tag) => tags?.includes(tag) ?? true);
      await this.#delete(
        registry,
        repository,
        gone,
        await digests(
          registry,
          repository,
          held.filter((tag) => !gone.includes(tag)),
        ),
      );
    } catch (error) {
      this.warn({ err: error, registry: registry.where, repository }, 'failed to delete an image');
    }
  }

  async #deleteUnneeded(
    registry: Registry,
    { images, digests: running }: NeededImages,
    suspects: Set<string>,
  ): Promise<number> {
    let count = 0;
    for (const repository of (await registry.repositories()).filter((name) => OURS.test(name))) {
      const kept = [...(images.get(repository) ?? [])].map(tagOf);
      const unneeded = (await registry.tags(repository)).filter((tag) => !kept.includes(tag));
      const gone = isPlatform(repository)
        ? unneeded.filter((tag) => this.#isSuspect(`${repository}:${tag}`, suspects))
        : unneeded;
      if (gone.length > 0)
        count += await this.#delete(
          registry,
          repository,
          gone,
          new Set([...running, ...(await digests(registry, repository, kept))]),
        );
    }
    return count;
  }

  #isSuspect(name: string, suspects: Set<string>): boolean {
    suspects.add(name);
    return this.#suspects.has(name);
  }

  /** Deleting a manifest deletes all its tags, so one with a kept tag stays. */
  async #delete(
    registry: Registry,
    repository: string,
    gone: readonly string[],
    kept: ReadonlySet<string>,
  ): Promise<number> {
    const unneeded = [...(await digests(registry, repository, gone))].filter((digest) => !kept.has(digest));
    for (const digest of unneeded) {
      await registry.deleteManifest(repository, digest);
      this.#dirty.add(registry.where);
    }
    return unneeded.length;
  }
}

async function digests(registry: Registry, repository: string, tags: readonly string[]): Promise<Set<string>> {
  const found = await Promise.all(tags.map((tag) => registry.digestOf(repository, tag)));
  return new Set(found.filter((digest) => digest !== undefined));
}
