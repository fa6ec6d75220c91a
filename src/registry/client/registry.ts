import type { Readable } from 'node:stream';

export interface Manifest {
  /** `sha256:…` of `body`. */
  readonly digest: string;
  readonly mediaType: string;
  readonly body: Buffer;
}

export interface Blob {
  readonly size: number;
  /** Read it to the end or destroy it. */
  readonly body: Readable;
}

/**
 * One registry that speaks the OCI distribution protocol. Repositories are named without the prefix.
 * What does not exist is undefined, and removing it again is no failure. Throws REGISTRY_UNREACHABLE or REGISTRY_REFUSED.
 */
export interface Registry {
  /** For people: `10.0.1.7:5000`. */
  readonly where: string;
  /** Id of the node that it runs on, when it is one of the cluster's. */
  readonly node?: string | undefined;
  /** `reference`: a tag or a digest. */
  digestOf(repository: string, reference: string): Promise<string | undefined>;
  manifest(repository: string, reference: string): Promise<Manifest | undefined>;
  /** Refused while it lacks a blob that the manifest names. */
  putManifest(repository: string, reference: string, manifest: Manifest): Promise<void>;
  /** With all tags that name it. Blobs stay until `freeBlobs`. */
  deleteManifest(repository: string, digest: string): Promise<void>;
  hasBlob(repository: string, digest: string): Promise<boolean>;
  blob(repository: string, digest: string): Promise<Blob | undefined>;
  putBlob(repository: string, digest: string, blob: Blob): Promise<void>;
  /** Takes a blob over from another repository of this registry; false when that does not have it. */
  mountBlob(repository: string, digest: string, from: string): Promise<boolean>;
  repositories(): Promise<string[]>;
  tags(repository: string): Promise<string[]>;
  /** Frees blobs that no manifest names; nothing may be pushed meanwhile. */
  freeBlobs(): Promise<void>;
}
