import type { Images } from '#engine/engine.ts';
import type { Collection, ImageStore, NeededImages, Published, SyncReport } from './image-store.ts';

/** For one-node clusters: images stay where they were built, and services reference them by id. */
export class LocalImages implements ImageStore {
  readonly shared = false;

  constructor(private readonly engine: Images) {}

  places(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  whole(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  publish(_repository: string, image: string): Promise<Published> {
    return Promise.resolve({ reference: image });
  }

  /** There is no other source; the engine reports a missing image when it is used. */
  ensure(): Promise<void> {
    return Promise.resolve();
  }

  async has(_repository: string, image: string): Promise<boolean> {
    return (await this.engine.image(image)) !== undefined;
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
