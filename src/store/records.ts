/**
 * Mothership's records in Swarm's Raft store, one config object each. They contain the desired state only: observed
 * state is never stored here.
 */
export interface AppRecord {
  /** Never changes; names the app's services, networks and volumes. The app's first name, unless that was taken. */
  readonly id: string;
  readonly name: string;
  readonly stack: string;
  readonly createdAt: string;
  readonly maintenance: boolean;
  /** Custom host names; the default one is derived from the name. */
  readonly domains: readonly string[];
  readonly buildpacks: readonly string[];
  /** Its location in the repository; missing if the whole deployed folder belongs to the app. */
  readonly source?: SourceRecord;
  readonly formation: Readonly<Record<string, FormationRecord>>;
  /** Highest release number used. */
  readonly lastRelease: number;
  /** The live generation; missing before the first release. A release without an image has no services. */
  readonly live?: Generation;
  /** The previous generation: its services are kept, scaled to 0. */
  readonly previous?: Generation;
  /** A rollout in progress, to finish or undo after a crash. */
  readonly lease?: Lease;
}

/** Paths relative to the top of the repository. */
export interface SourceRecord {
  /** Its folder; '' is the top. */
  readonly root: string;
  /** Globs of what else belongs to it. */
  readonly watch: readonly string[];
}

export interface FormationRecord {
  readonly quantity: number;
  readonly memoryBytes: number;
  readonly cpus: number;
}

/** One set of services: a release, and which start of it (a restart is the next incarnation). */
export interface Generation {
  readonly release: number;
  readonly incarnation: number;
  /** Set if the release has no process type `web`, so that routers can say so. Missing in older records. */
  readonly webless?: true;
}

/** Who is changing the app; invalid after `expiresAt` unless renewed. */
export interface Lease {
  readonly operation: string;
  readonly kind: string;
  readonly by: string;
  readonly controller: string;
  readonly startedAt: string;
  readonly expiresAt: string;
  /** Set once it may have services. */
  readonly target?: Generation;
}

export interface ReleaseRecord {
  readonly app: string;
  readonly version: number;
  readonly createdAt: string;
  readonly by: string;
  readonly description: string;
  /** Image id; `null` if only config vars have been set. */
  readonly image: string | null;
  readonly build: string | null;
  readonly ref: string | null;
  readonly kind: 'buildpacks' | 'dockerfile' | 'image';
  readonly stack: string;
  /** Id of the run image below a buildpack image. Missing for other images and older records. */
  readonly runImage?: string;
  /** Secret values: read by name, never logged. */
  readonly config: Readonly<Record<string, string>>;
  /** Command by process type; `null` is the image's own. */
  readonly processTypes: Readonly<Record<string, string | null>>;
  /**
   * The image's exposed ports, so that a release can be planned without the image. Missing for buildpack images, which
   * expose none.
   */
  readonly exposedPorts?: readonly number[];
  /** The image's user, `''` for root. Missing for buildpack images, whose user is not root, and in older records. */
  readonly imageUser?: string;
  /** The operation that created it, whose events are its output. Missing in older records. */
  readonly operation?: string;
  /** The image's own command line, for people. Missing for buildpack images and in older records. */
  readonly imageCommand?: string;
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
  /** Digest of everything it was built from; only for an app with a root. */
  readonly digest?: string;
}

export interface BuildStatus {
  readonly status: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly kind: 'buildpacks' | 'dockerfile' | 'image';
  readonly buildpacks: readonly string[];
  readonly finishedAt?: string;
  readonly image?: string;
  readonly sizeBytes?: number;
  /** Name of the node that built it and has the app's cache. */
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
  /** Id of the app that a deploy token is for. */
  readonly app?: string;
  readonly description: string;
  readonly createdAt: string;
}

/** Settings for all builds of the cluster; missing ones use Mothership's defaults. */
export interface BuildSettingsRecord {
  /**
   * Variables for every build, for example a mirror's URL; an app's config var of the same name wins. May be secret.
   */
  readonly env: Readonly<Record<string, string>>;
  /** Registries that builds may use although their addresses are private, `host[:port]`. */
  readonly registries?: Readonly<Record<string, true>>;
  /** By registry. Passwords are secret: only builds read them. */
  readonly registryLogins?: Readonly<Record<string, { readonly user: string; readonly password: string }>>;
  /** Concurrent builds per builder. */
  readonly slots?: number;
  /** Total size of all apps' caches on a node. */
  readonly cacheBytes?: number;
  /** Limits of a build, like `BuildLimits`. */
  readonly memoryBytes?: number;
  readonly cpus?: number;
  readonly diskBytes?: number;
  readonly seconds?: number;
}

interface StackRecord {
  readonly buildImage: string;
  readonly runImage: string;
  /** Names of the buildpacks in the build image. Missing if setup does not know them, and in older records. */
  readonly buildpacks?: readonly string[];
}

/** Chosen at setup. */
export interface ClusterRecord {
  readonly name: string;
  readonly version: string;
  readonly createdAt: string;
  readonly domain: string;
  /** Ports in URLs: 80 and 443 by default. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly publish: 'ingress' | 'host';
  readonly defaultStack: string;
  readonly stacks: Readonly<Record<string, StackRecord>>;
  /** Images of the platform's own services, by id. */
  readonly images: Readonly<Record<'controller' | 'router', string>>;
  readonly provider: string;
  /** npm registry for builds; the package manager's default if missing. */
  readonly npmRegistry?: string;
  /** Name of the Swarm config with the CA bundle for builds. */
  readonly caBundle?: string;
  /** A multi-node cluster has a registry; missing means `one`. */
  readonly nodes?: 'one' | 'many';
  /** Missing if there is no registry: images stay where they were built. */
  readonly registry?: RegistryRecord;
  /** Registry references of the platform's images, by recipe tag. */
  readonly references?: Readonly<Record<string, string>>;
}

/** Where nodes pull images. `cluster`: Mothership's own, one per manager. */
export interface RegistryRecord {
  readonly kind: 'cluster' | 'external';
  /** Prefix of references: `registry.mothership.internal:5000`, or `host/path` of an external registry. */
  readonly prefix: string;
  readonly user: string;
  /** Name of the secret with an external registry's password, and of the config from which setup reads it. */
  readonly password?: string;
  /** Where the cluster's own registry stores images; the managers' disks if missing. */
  readonly storage?: {
    readonly bucket: string;
    readonly region: string;
    readonly endpoint?: string;
    /** Names of secrets. */
    readonly accessKey: string;
    readonly secretKey: string;
  };
}
