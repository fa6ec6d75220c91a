import type {
  AppRecord,
  BuildSettingsRecord,
  ClusterRecord,
  StoredBuild,
  StoredRelease,
  TokenRecord,
} from '../store/index.ts';

/** Raised when a reader of the old format could not read the new one. */
export const FORMAT_VERSION = 1;

/** The first file: what this is. */
export interface Manifest {
  readonly format: 'mothership-backup';
  readonly version: number;
  readonly cluster: string;
  readonly domain: string;
  /** Version of Mothership that made it. */
  readonly mothership: string;
  readonly createdAt: string;
  /** Whether images are in it. */
  readonly images: boolean;
}

/** All that the store has of one app; no lease and no rollout under way. */
export interface AppBackup {
  readonly app: AppRecord;
  readonly releases: readonly StoredRelease[];
  readonly builds: readonly StoredBuild[];
}

/** An image that a release needs; with `--no-images` this line is all there is of it. */
export interface ImageBackup {
  readonly id: string;
  readonly tags: readonly string[];
  readonly sizeBytes: number;
}

/** PEM texts of what routers answer with. */
export interface CertificateBackup {
  readonly domain: string;
  readonly cert: string;
  readonly key: string;
}

/** A backup without the bytes of its images. */
export interface BackupContents {
  readonly manifest: Manifest;
  /** For people, and to tell what differs: a restore leaves what setup has set on the cluster it goes to, and adds to its settings of builds. */
  readonly cluster: ClusterRecord & { readonly builds?: BuildSettingsRecord };
  readonly tokens: readonly TokenRecord[];
  readonly certificate: CertificateBackup | null;
  readonly apps: readonly AppBackup[];
  readonly images: readonly ImageBackup[];
}

/** Names within the tar, in the order they come. */
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

/** What `docker save` writes is cut to pieces: a tar tells the size of a file before its content. */
export const PART_BYTES = 8 * 1024 * 1024;

/** Releases that a rollback may go to, or that run. */
export function imagesOf({ releases }: Pick<AppBackup, 'releases'>): string[] {
  const good = releases.filter(({ record, status }) => record.image !== null && status.status === 'succeeded');
  return [...new Set(good.map(({ record }) => record.image!))];
}
