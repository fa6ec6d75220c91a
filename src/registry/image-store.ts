import type { Engine, RegistryAuth } from '../engine/engine.ts';

/** What a service needs to say for every node to get the image. */
export interface ServiceImage {
  readonly reference: string;
  readonly auth?: RegistryAuth;
}

export interface Published extends ServiceImage {
  /** What was sent, for people: `3 of 7 layers, 12.4 MB`; undefined when the registry had it all. */
  readonly sent?: string;
}

export interface Transfer {
  /** The engine that has the image or is to get it; the controller's own when missing. */
  readonly engine?: Engine;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface NeededImages {
  /** Ids of images by the repository that is to have them. */
  readonly images: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of manifests that something runs, whatever their tags say. */
  readonly digests: ReadonlySet<string>;
}

export interface SyncReport {
  readonly copied: number;
  /** Images that could not be copied, or that nobody has: the next look tries again. */
  readonly missing: readonly string[];
}

export interface Collection {
  readonly manifests: number;
  /** Registries whose space was freed. */
  readonly freed: readonly string[];
}

/** How images get from the node that built them to those that run them. `LocalImages` in a cluster of one node. */
export interface ImageStore {
  /** Whether there is a registry at all. */
  readonly shared: boolean;
  /** Where registries run now. */
  places(): Promise<readonly string[]>;
  /** Ids of nodes whose registries run and lack nothing, as of the last `sync`: only there every image can be pulled. */
  whole(): Promise<readonly string[]>;
  /** Sees to it that every node can pull the image. Throws IMAGE_GONE when nobody has it. */
  publish(repository: string, image: string, transfer?: Transfer): Promise<Published>;
  /** Sees to it that an engine has the image. Throws IMAGE_GONE. */
  ensure(repository: string, image: string, transfer?: Transfer): Promise<void>;
  has(repository: string, image: string): Promise<boolean>;
  /** Nothing needs it any more; the engine's own copy stays, but for its name in the registry. */
  forget(repository: string, image: string): Promise<void>;
  forgetAll(repository: string): Promise<void>;
  /** Copies what one registry has and another lacks; of the platform's own images all. */
  sync(needed: NeededImages): Promise<SyncReport>;
  /** Deletes what is not needed and frees its space; undefined while something is being pushed. */
  collectGarbage(needed: () => Promise<NeededImages>): Promise<Collection | undefined>;
}
