import type {
  AppRecord,
  BuildRecord,
  BuildSettingsRecord,
  BuildStatus,
  ClusterRecord,
  ReleaseRecord,
  ReleaseStatus,
  TokenRecord,
} from './records.ts';

export type StoredRelease = { readonly record: ReleaseRecord; readonly status: ReleaseStatus };
export type StoredBuild = { readonly record: BuildRecord; readonly status: BuildStatus };

/**
 * The platform's store. Writes are atomic per object; `update` is a compare-and-swap that calls `change` again with the
 * newest record after a conflict, so `change` must be pure.
 */
export interface Store {
  readonly apps: {
    list(): Promise<AppRecord[]>;
    /** By name. */
    find(name: string): Promise<AppRecord | undefined>;
    /** By name; throws APP_NOT_FOUND. */
    get(name: string): Promise<AppRecord>;
    byId(id: string): Promise<AppRecord | undefined>;
    /** Throws APP_EXISTS if the id or name is taken. */
    create(record: AppRecord): Promise<void>;
    /** `change` may throw to refuse. Returns the new record. Throws APP_NOT_FOUND. */
    update(id: string, change: (record: AppRecord) => AppRecord): Promise<AppRecord>;
    remove(id: string): Promise<void>;
  };
  readonly releases: {
    /** Newest first, with config vars. */
    list(app: string): Promise<StoredRelease[]>;
    find(app: string, version: number): Promise<StoredRelease | undefined>;
    /** Defaults to pending. */
    create(record: ReleaseRecord, status?: ReleaseStatus): Promise<void>;
    setStatus(app: string, version: number, status: ReleaseStatus): Promise<void>;
    remove(app: string, version: number): Promise<void>;
  };
  readonly builds: {
    list(app: string): Promise<StoredBuild[]>;
    find(app: string, id: string): Promise<StoredBuild | undefined>;
    create(record: BuildRecord, status: BuildStatus): Promise<void>;
    setStatus(app: string, id: string, status: BuildStatus): Promise<void>;
    remove(app: string, id: string): Promise<void>;
  };
  readonly tokens: {
    list(): Promise<TokenRecord[]>;
    find(id: string): Promise<TokenRecord | undefined>;
    create(record: TokenRecord): Promise<void>;
    remove(id: string): Promise<void>;
  };
  readonly cluster: {
    get(): Promise<ClusterRecord | undefined>;
    put(record: ClusterRecord): Promise<void>;
  };
  /** Settings for all apps. */
  readonly settings: {
    builds(): Promise<BuildSettingsRecord>;
    /** `change` may throw to refuse. Returns the new record. */
    updateBuilds(change: (record: BuildSettingsRecord) => BuildSettingsRecord): Promise<BuildSettingsRecord>;
  };
}
