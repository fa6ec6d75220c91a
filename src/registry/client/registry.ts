import type { Readable } from 'node:stream';

export interface Manifest {
  /** `sha256:…` of `body`. */
  readonly digest: string;
  readonly mediaType: string;
  readonly body: Buffer;
}

export interface Blob {
  readonly size: number;
  /** The caller must read it to the end or destroy it. */
  readonly body: Readable;
}

/**
 * A registry with the OCI distribution protocol. Repositories are named without the prefix. Missing objects are
 * undefined, and removing one is no error. Throws REGISTRY_UNREACHABLE or REGISTRY_REFUSED.
 */
export interface Registry {
  /** For messages: `10.0.1.7:5000`. */
  readonly where: string;
  /** Id of the node it runs on, if it is the cluster's own. */
  readonly node?: string | undefined;
  /** `reference`: a tag or a digest. */
  digestOf(repository: string, reference: string): Promise<string | undefined>;
  manifest(repository: string, reference: string): Promise<Manifest | undefined>;
  /** Fails if a blob in the manifest is missing. */
  putManifest(repository: string, reference: string, manifest: Manifest): Promise<void>;
  /** Also deletes its tags. Blobs stay until `freeBlobs`. */
  deleteManifest(repository: string, digest: string): Promise<void>;
  hasBlob(repository: string, digest: string): Promise<boolean>;
  blob(repository: string, digest: string): Promise<Blob | undefined>;
  putBlob(repository: string, digest: string, blob: Blob): Promise<void>;
  /** Mounts a blob from another repository of this registry; false if that does not have it. */
  mountBlob(repository: string, digest: string, from: string): Promise<boolean>;
  repositories(): Promise<string[]>;
  tags(repository: string): Promise<string[]>;
  /** Frees unreferenced blobs; nothing may be pushed meanwhile. */
  freeBlobs(): Promise<void>;
}
