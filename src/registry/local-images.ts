import type { Engine } from '../engine/engine.ts';
import { fail } from '../errors/index.ts';
import type { Collection, ImageStore, NeededImages, Published, SyncReport } from './image-store.ts';

/** Of a cluster of one node: images are where they were built, and services name them by their ids. */
export class LocalImages implements ImageStore {
  readonly shared = false;
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  publish(_repository: string, image: string): Promise<Published> {
    return Promise.resolve({ reference: image });
  }

  async ensure(repository: string, image: string): Promise<void> {
    if (!(await this.has(repository, image))) throw fail('IMAGE_GONE', { image });
  }

  async has(_repository: string, image: string): Promise<boolean> {
    return (await this.#engine.image(image)) !== undefined;
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  forgetAll(): Promise<void> {
    return Promise.resolve();
  }

  sync(_needed: NeededImages): Promise<SyncReport> {
    return Promise.resolve({ copied: 0, missing: [] });
  }

  collectGarbage(): Promise<Collection | undefined> {
    return Promise.resolve(undefined);
  }
}
