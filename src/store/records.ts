/**
 * What Mothership remembers, as it stands in Swarm's Raft store. Each record is one Swarm config object.
 * Spec (what people asked for) and status (what was seen) are apart: status is never stored here.
 */
export interface AppRecord {
  /** Never changes; names the app's services, networks and volumes. The first name, unless that was taken. */
  readonly id: string;
  readonly name: string;
  readonly stack: string;
  readonly createdAt: string;
  readonly maintenance: boolean;
  /** Custom host names; the default one follows from the name. */
  readonly domains: readonly string[];
  readonly buildpacks: readonly string[];
  /** Where in its repository it lives; missing when it is all of what is deployed. */
  readonly source?: SourceRecord;
  readonly formation: Readonly<Record<string, FormationRecord>>;
  /** Highest release number given out. */
  readonly lastRelease: number;
  /** What serves now; missing before the first release. A release without an image has no services. */
  readonly live?: Generation;
  /** What served before: its services are kept, scaled to 0. */
  readonly previous?: Generation;
  /** A rollout under way: what to finish or undo after a crash. */
  readonly lease?: Lease;
}

/** Paths from the repository's top. */
export interface SourceRecord {
  /** Its folder; '' is the top. */
  readonly root: string;
  /** Globs of what else it is made of. */
  readonly watch: readonly string[];
}

export interface FormationRecord {
  readonly quantity: number;
  readonly memoryBytes: number;
  readonly cpus: number;
}

/** One set of services: a release, and which start of it (a restart makes the next incarnation). */
export interface Generation {
  readonly release: number;
  readonly incarnation: number;
}

/** Says who changes the app; void after `expiresAt` unless renewed. */
export interface Lease {
  readonly operation: string;
  readonly kind: string;
  readonly by: string;
  readonly controller: string;
  readonly startedAt: string;
  readonly expiresAt: string;
  /** Set once services of it may exist. */
  readonly target?: Generation;
}

export interface ReleaseRecord {
  readonly app: string;
  readonly version: number;
  readonly createdAt: string;
  readonly by: string;
  readonly description: string;
  /** Image id; `null` when only config vars were set so far. */
  readonly image: string | null;
  readonly build: string | null;
  readonly ref: string | null;
  readonly kind: 'buildpacks' | 'dockerfile' | 'image';
  readonly stack: string;
  /** Id of the image that buildpacks laid it on. Missing of others, and of older records. */
  readonly runImage?: string;
  /** Secret values: read by name, never logged. */
  readonly config: Readonly<Record<string, string>>;
  /** Command by process type; `null` is the image's own. */
  readonly processTypes: Readonly<Record<string, string | null>>;
  /** Those of the image, so that a release is planned where the image is not. Missing when buildpacks made it, who expose none. */
  readonly exposedPorts?: readonly number[];
}

export interface ReleaseStatus {
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly error?: string;
}

export interface BuildRecord {
  readonly id: string;
  readonly app: string;
  readonly by: string;
  readonly createdAt: string;
  readonly ref: string | null;
  readonly stack: string;
  readonly operation: string;
  /** Of all that it was made from; only of an app with a root. */
  readonly digest?: string;
}

export interface BuildStatus {
  readonly status: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly kind: 'buildpacks' | 'dockerfile' | 'image';
  readonly buildpacks: readonly string[];
  readonly finishedAt?: string;
  readonly image?: string;
  readonly sizeBytes?: number;
  /** Name of the node that built it, and has the app's cache. */
  readonly builder?: string;
  readonly release?: number;
  readonly error?: string;
}

export interface TokenRecord {
  readonly id: string;
  /** SHA-256 of the token's value, hex. */
  readonly hash: string;
  readonly user: string;
  readonly role: 'admin' | 'member' | 'deploy';
  /** Id of the app that a token with the role `deploy` is for. */
  readonly app?: string;
  readonly description: string;
  readonly createdAt: string;
}

/** Of all builds of the cluster; what is missing is as Mothership has it. */
export interface BuildSettingsRecord {
  /** Variables of every build, e.g. a mirror's address; an app's config var of the same name goes before. May be secret. */
  readonly env: Readonly<Record<string, string>>;
  /** Builds at a time on each builder. */
  readonly slots?: number;
  /** Of all apps' caches on a node together. */
  readonly cacheBytes?: number;
  /** Limits of a build, as `BuildLimits` has them. */
  readonly memoryBytes?: number;
  readonly cpus?: number;
  readonly diskBytes?: number;
  readonly seconds?: number;
}

export interface StackRecord {
  readonly buildImage: string;
  readonly runImage: string;
}

/** Chosen at setup. */
export interface ClusterRecord {
  readonly name: string;
  readonly version: string;
  readonly createdAt: string;
  readonly domain: string;
  /** What users type: 80 and 443 unless chosen otherwise. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly publish: 'ingress' | 'host';
  readonly defaultStack: string;
  readonly stacks: Readonly<Record<string, StackRecord>>;
  /** Images of the platform's own services, by id. */
  readonly images: Readonly<Record<'controller' | 'router', string>>;
  readonly provider: string;
  /** npm registry that builds use; the package manager's own default when missing. */
  readonly npmRegistry?: string;
  /** Name of the Swarm config that holds the CA bundle for builds. */
  readonly caBundle?: string;
  /** A cluster of many nodes has agents and a registry; missing means `one`. */
  readonly nodes?: 'one' | 'many';
  /** Missing when there is no registry: images then are where they were built. */
  readonly registry?: RegistryRecord;
  /** Where the registry has the platform's images, by the tags of their recipes. */
  readonly references?: Readonly<Record<string, string>>;
}

/** Where nodes pull from. `cluster`: Mothership's own, one on each manager. */
export interface RegistryRecord {
  readonly kind: 'cluster' | 'external';
  /** Before the repository in references: `registry.mothership.internal:5000`, or `host/path` of an external one. */
  readonly prefix: string;
  readonly user: string;
  /** Name of the secret with an external one's password, and of the config from which setup reads it. */
  readonly password?: string;
  /** Where the cluster's own keeps images; the managers' disks when missing. */
  readonly storage?: {
    readonly bucket: string;
    readonly region: string;
    readonly endpoint?: string;
    /** Names of secrets. */
    readonly accessKey: string;
    readonly secretKey: string;
  };
}
