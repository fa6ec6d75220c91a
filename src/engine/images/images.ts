import type { Readable } from 'node:stream';
import type { Secret } from '#events';
import type { LabelFilter, Labels } from '../connection/labels.ts';

/** Registry credentials, forwarded by the engine, and by Swarm to every node that pulls. */
export interface RegistryAuth {
  readonly user: string;
  readonly password: Secret;
}

/** The result of a push. */
export interface PushedImage {
  /** Digest of the manifest, `sha256:…`: a permanent name of the image in that repository. */
  readonly digest: string;
  readonly layers: { readonly pushed: number; readonly known: number };
  /** Uncompressed bytes of pushed layers. */
  readonly bytes: number;
}

export interface ImageInfo {
  readonly id: string;
  readonly tags: readonly string[];
  readonly labels: Labels;
  readonly sizeBytes: number;
  readonly createdAt: string;
  readonly layers: readonly string[];
  readonly exposedPorts: readonly number[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly user: string;
}

export interface BuildImageOptions {
  readonly tag: string;
  readonly dockerfile?: string;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Labels;
  readonly signal?: AbortSignal;
}

export interface Images {
  images(filter: LabelFilter): Promise<ImageInfo[]>;
  image(reference: string): Promise<ImageInfo | undefined>;
  /** `onLine` is called once for each new status of a layer. Throws IMAGE_UNAVAILABLE. */
  pullImage(
    reference: string,
    onLine: (line: string) => void,
    signal?: AbortSignal,
    auth?: RegistryAuth,
  ): Promise<void>;
  /** Checks credentials with the registry at `server`. Throws REGISTRY_REFUSED. */
  checkLogin(server: string, auth: RegistryAuth): Promise<void>;
  /** The reference must include the registry and be a tag of the image. Throws IMAGE_PUSH_FAILED. */
  pushImage(
    reference: string,
    auth: RegistryAuth,
    onLine: (line: string) => void,
    signal?: AbortSignal,
  ): Promise<PushedImage>;
  /** `docker import`: creates an image with one layer from a root file system. */
  importImage(tar: Readable, tag: string, labels: Labels): Promise<string>;
  /**
   * Builds from a context with a Dockerfile of the platform's own, by the engine, without limits; returns the image's
   * id. Throws DOCKERFILE_FAILED with the failed step.
   */
  buildImage(context: Readable, options: BuildImageOptions, onLine: (line: string) => void): Promise<string>;
  /**
   * Returns one tar of these images, with shared layers once and tags for images given by tag. Throws ENGINE_FAILED if
   * one is missing.
   */
  saveImages(references: readonly string[]): Promise<Readable>;
  /** Loads the output of `saveImages`; existing images are fine. */
  loadImages(tar: Readable): Promise<void>;
  tagImage(reference: string, tag: string): Promise<void>;
  /** `force`: even if ended containers use it. */
  removeImage(reference: string, options?: { readonly force?: boolean }): Promise<void>;
}
