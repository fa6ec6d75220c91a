import { fail } from '#errors';
import { MiB } from '#values/size.ts';
import type { AppRecord, BuildSettingsRecord, ClusterRecord, StoredBuild, StoredRelease, TokenRecord } from '#store';

/** Increased when older versions cannot read the format: those of version 1 accept only the tar headers they wrote. */
export const FORMAT_VERSION = 2;

/** The first file: what the backup is. */
export interface Manifest {
  readonly format: 'mothership-backup';
  readonly version: number;
  readonly cluster: string;
  readonly domain: string;
  /** Version of Mothership that created it. */
  readonly mothership: string;
  readonly createdAt: string;
  /** Whether it contains images. */
  readonly images: boolean;
}

/** Everything the store has about one app, without a lease or a rollout in progress. */
export interface AppBackup {
  readonly app: AppRecord;
  readonly releases: readonly StoredRelease[];
  readonly builds: readonly StoredBuild[];
}

/** An image that a release needs. With `--no-images`, this entry is all there is. */
export interface ImageBackup {
  readonly id: string;
  readonly tags: readonly string[];
  readonly sizeBytes: number;
}

/** The routers' certificate and key, as PEM. */
export interface CertificateBackup {
  readonly domain: string;
  readonly cert: string;
  readonly key: string;
}

/** A backup without the contents of its images. */
export interface BackupContents {
  readonly manifest: Manifest;
  /** For reference: a restore keeps the settings of its cluster, and adds the build settings. */
  readonly cluster: ClusterRecord & { readonly builds?: BuildSettingsRecord };
  readonly tokens: readonly TokenRecord[];
  readonly certificate: CertificateBackup | null;
  readonly apps: readonly AppBackup[];
  readonly images: readonly ImageBackup[];
}

/** Names in the tar, in order. */
export const files = {
  manifest: 'manifest.json',
  cluster: 'cluster.json',
  tokens: 'tokens.json',
  certificate: 'certificate.json',
  app: (id: string) => `apps/${id}.json`,
  images: 'images.json',
  imagePart: (n: number) => `images/${String(n).padStart(6, '0')}`,
  sums: 'SHA256SUMS',
} as const;

/** Output of `docker save` is split into parts, because a tar states a file's size before its content. */
export const PART_BYTES = 8 * MiB;

/** Images of releases that are live or can be rolled back to. */
export function imagesOf({ releases }: Pick<AppBackup, 'releases'>): string[] {
  const good = releases.filter(({ record, status }) => record.image !== null && status.status === 'succeeded');
  return [...new Set(good.map(({ record }) => record.image!))];
}

/** The error BACKUP_DAMAGED; `why` completes "The backup cannot be used: …". */
export function damaged(why: string, cause?: unknown): Error {
  return fail('BACKUP_DAMAGED', { why }, cause);
}
