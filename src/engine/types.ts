import type { Duplex, Readable } from 'node:stream';
import type { Env, Secret } from '../events/index.ts';

export type Labels = Readonly<Record<string, string>>;
/** Objects match if they have every given label; an empty value matches any value. */
export type LabelFilter = Labels;

export interface EngineInfo {
  readonly name: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swarm: 'inactive' | 'worker' | 'manager' | 'locked' | 'error';
  readonly nodeId: string;
  readonly nodeAddress: string;
  readonly warnings: readonly string[];
  /** Whether systemd manages its containers in slices: requires cgroup v2 and the systemd driver. */
  readonly slices: boolean;
}

/** A Swarm config or secret: immutable data, with labels guarded by `version`. */
export interface ConfigObject {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly labels: Labels;
  readonly data: Buffer;
  readonly createdAt: string;
}

export interface NetworkInfo {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly labels: Labels;
}

export interface NetworkOptions {
  readonly name: string;
  readonly driver: 'overlay' | 'bridge';
  readonly labels: Labels;
  readonly attachable?: boolean;
  /** CIDR; chosen by the engine if omitted. */
  readonly subnet?: string;
  readonly options?: Readonly<Record<string, string>>;
}

export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  /** Path or volume name; none for a tmpfs. */
  readonly source?: string;
  readonly target: string;
  readonly readOnly?: boolean;
  readonly sizeBytes?: number;
}

export interface Resources {
  readonly memoryBytes?: number;
  /** Cores; 0.5 is half a core. */
  readonly cpus?: number;
  readonly pids?: number;
}

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

export interface NodeInfo {
  readonly id: string;
  /** Guards changes. */
  readonly version: number;
  readonly hostname: string;
  readonly role: 'manager' | 'worker';
  readonly availability: 'active' | 'pause' | 'drain';
  readonly state: 'ready' | 'down' | 'disconnected' | 'unknown';
  readonly address: string;
  readonly leader: boolean;
  /**
   * Whether the other managers can reach it; `undefined` for a worker, and for a promoted node that has not started
   * yet.
   */
  readonly reachability: 'reachable' | 'unreachable' | 'unknown' | undefined;
  readonly labels: Labels;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly engineVersion: string;
}

/** Changes to a node; omitted fields stay. `labels` replaces all labels. */
export interface NodeChange {
  readonly role?: NodeInfo['role'];
  readonly availability?: NodeInfo['availability'];
  readonly labels?: Labels;
}

export interface JoinOptions {
  readonly token: string;
  /** `10.0.0.1:2377`; one reachable manager is enough. */
  readonly managers: readonly string[];
  /** The address at which other nodes reach this one. */
  readonly advertiseAddress: string;
}

/** See setrlimit(2); `fsize` in bytes. */
export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

export interface ContainerSpec {
  readonly name?: string;
  readonly image: string;
  readonly labels: Labels;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env: Env;
  readonly user?: string;
  readonly workingDir?: string;
  readonly mounts?: readonly Mount[];
  /** Network names or ids; the first is the main one. `none` isolates it. */
  readonly networks: readonly { readonly id: string; readonly aliases?: readonly string[] }[];
  readonly limits?: Resources;
  readonly init?: boolean;
  readonly capDrop?: readonly string[];
  readonly capAdd?: readonly string[];
  readonly noNewPrivileges?: boolean;
  readonly ulimits?: readonly Ulimit[];
  readonly tty?: boolean;
  readonly openStdin?: boolean;
  /** Disables the engine's log: only attached clients receive output. */
  readonly unlogged?: boolean;
  readonly oomScoreAdj?: number;
  readonly cpuShares?: number;
  /** Parent cgroup in the format of the engine's driver; the engine's default if omitted. */
  readonly cgroupParent?: string;
}

export interface ContainerInfo {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Labels;
  readonly running: boolean;
  readonly exitCode: number | undefined;
  /** Only `true` is reliable: some kernels with cgroup v1 do not report it. The exit code is always 137. */
  readonly oomKilled: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Bytes written to its own layer; only on request. */
  readonly writtenBytes: number | undefined;
  /** IPv4 address by network id, while it runs. */
  readonly addresses: Readonly<Record<string, string>>;
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

export interface VolumeInfo {
  readonly name: string;
  readonly labels: Labels;
  readonly sizeBytes?: number;
}

export interface ImageConfig {
  readonly env?: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly labels?: Labels;
}

/** One line of a container's log. `stream` is `stdout` for a container with a terminal. */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
  /** RFC 3339 with nanoseconds, as the engine writes it. */
  readonly at: string;
}

export interface LogOptions {
  readonly tail?: number;
  readonly follow?: boolean;
  /** Seconds since the epoch. */
  readonly since?: number;
  /** Ends the lines without an error. */
  readonly signal?: AbortSignal;
}

export interface EngineEvent {
  readonly type: 'container' | 'service' | 'config' | 'secret' | 'node' | 'network' | (string & {});
  readonly action: string;
  readonly id: string;
  readonly attributes: Labels;
}

/**
 * A container's terminal or pipes. Without a terminal, `stdout` and `stderr` are separate, and both must be read: an
 * unread one blocks the other, and eventually the program. They end without an error with the program or the
 * connection.
 */
export interface Attachment {
  readonly stdin: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Half-closes stdin: the program sees end of file. */
  endInput(): void;
  close(): void;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly tty: boolean;
  /** Defaults to the container's user. */
  readonly user?: string;
  /** Added to the container's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ContainerStats {
  /** Average cores over a quarter of a second; 0.5 is half a core. */
  readonly cpus: number;
  /** Without reclaimable page cache. */
  readonly memoryBytes: number;
  /** The machine's memory if it has no limit. */
  readonly memoryLimitBytes: number;
  /** Processes including threads, as counted by the kernel's limit. */
  readonly processes: number;
}

export interface BuildImageOptions {
  readonly tag: string;
  readonly dockerfile?: string;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Labels;
  readonly limits?: Resources;
  /** CPU weight of steps; other containers have 1024. */
  readonly cpuShares?: number;
  /** Like a container's. */
  readonly cgroupParent?: string;
  readonly ulimits?: readonly Ulimit[];
  /** Network for RUN steps; defaults to the default bridge. */
  readonly network?: string;
  readonly noCache?: boolean;
  /** Called with each step's container just before it starts, and the step's text: `Step 2/5 : RUN make`. */
  readonly onStep?: (container: string, step: string) => void;
  readonly pull?: boolean;
  readonly signal?: AbortSignal;
}
