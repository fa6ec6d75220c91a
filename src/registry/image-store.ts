import type { Images, RegistryAuth } from '#engine/engine.ts';

/** How a service references an image so that every node can get it. */
export interface ServiceImage {
  readonly reference: string;
  readonly auth?: RegistryAuth;
}

export interface Published extends ServiceImage {
  /** What was uploaded, for messages: `3 of 7 layers, 12.4 MB`; undefined if the registry had everything. */
  readonly sent?: string;
}

export interface Transfer {
  /** The engine that has or should get the image; defaults to the controller's. */
  readonly engine?: Images;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface NeededImages {
  /** Image ids by repository. */
  readonly images: ReadonlyMap<string, ReadonlySet<string>>;
  /** Manifests in use, whatever their tags. */
  readonly digests: ReadonlySet<string>;
}

export interface SyncReport {
  readonly copied: number;
  /** Images that could not be copied or no longer exist; retried by the next sync. */
  readonly missing: readonly string[];
}

export interface Collection {
  readonly manifests: number;
  /** Registries whose space was freed. */
  readonly freed: readonly string[];
}

/** How images get from the node that built them to those that run them. One-node clusters use `LocalImages`. */
export interface ImageStore {
  /** Whether there is a registry. */
  readonly shared: boolean;
  /** Where registries are running. */
  places(): Promise<readonly string[]>;
  /**
   * Ids of nodes whose registry is running and complete as of the last `sync`: only there can every image be pulled.
   */
  whole(): Promise<readonly string[]>;
  /** Ensures that every node can pull the image. Throws IMAGE_GONE if it no longer exists. */
  publish(repository: string, image: string, transfer?: Transfer): Promise<Published>;
  /** Ensures that an engine has the image. Throws IMAGE_GONE. */
  ensure(repository: string, image: string, transfer?: Transfer): Promise<void>;
  has(repository: string, image: string): Promise<boolean>;
  /** The image is no longer needed; the engine's copy only loses its registry name. */
  forget(repository: string, image: string): Promise<void>;
  forgetAll(repository: string): Promise<void>;
  /** Copies images missing from some registries; all of the platform's. */
  sync(needed: NeededImages): Promise<SyncReport>;
  /** Deletes unneeded images and frees their space; undefined while something is being pushed. */
  collectGarbage(needed: () => Promise<NeededImages>): Promise<Collection | undefined>;
}
