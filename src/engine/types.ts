import type { Duplex, Readable } from 'node:stream';
import type { Env, Secret } from '../events/index.ts';

export type Labels = Readonly<Record<string, string>>;
/** Objects match when they carry every label given; an empty value matches any value of that label. */
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
  /** Whether systemd holds its containers in slices: with version 2 of control groups and the driver of that name. */
  readonly slices: boolean;
}

/** A Swarm config or secret as a store object: data never changes, labels do, `version` guards them. */
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
  /** CIDR; left to the engine when missing. */
  readonly subnet?: string;
  readonly options?: Readonly<Record<string, string>>;
}

export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  /** Path or volume name; a tmpfs has none. */
  readonly source?: string;
  readonly target: string;
  readonly readOnly?: boolean;
  readonly sizeBytes?: number;
}

export interface Resources {
  readonly memoryBytes?: number;
  /** Cores; 0.5 is half of one. */
  readonly cpus?: number;
  readonly pids?: number;
}

/** What a registry asks for: the engine hands it on, Swarm to every node that pulls. */
export interface RegistryAuth {
  readonly user: string;
  readonly password: Secret;
}

/** What a push sent, and what the registry had already. */
export interface PushedImage {
  /** Of the manifest, `sha256:…`: names the image in that repository for good. */
  readonly digest: string;
  readonly layers: { readonly pushed: number; readonly known: number };
  /** Of the layers that were pushed, uncompressed. */
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
  /** Whether the other managers hear of it; `undefined` for a worker, and for a manager to be that has not started yet. */
  readonly reachability: 'reachable' | 'unreachable' | 'unknown' | undefined;
  readonly labels: Labels;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly engineVersion: string;
}

/** What a node is told to be; what is missing stays. `labels` are all of them. */
export interface NodeChange {
  readonly role?: NodeInfo['role'];
  readonly availability?: NodeInfo['availability'];
  readonly labels?: Labels;
}

export interface JoinOptions {
  readonly token: string;
  /** `10.0.0.1:2377`; one that answers is enough. */
  readonly managers: readonly string[];
  /** Under which the other nodes reach this one. */
  readonly advertiseAddress: string;
}

/** As setrlimit(2) has it; `fsize` in bytes. */
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
  /** Network names or ids; the first is the main one. `none` cuts it off. */
  readonly networks: readonly { readonly id: string; readonly aliases?: readonly string[] }[];
  readonly limits?: Resources;
  readonly init?: boolean;
  readonly capDrop?: readonly string[];
  readonly capAdd?: readonly string[];
  readonly noNewPrivileges?: boolean;
  readonly ulimits?: readonly Ulimit[];
  readonly tty?: boolean;
  readonly openStdin?: boolean;
  /** Only who is attached hears what it says: the engine keeps nothing of it. */
  readonly unlogged?: boolean;
  readonly oomScoreAdj?: number;
  readonly cpuShares?: number;
  /** The control group to be in, in the words of the engine's driver; where the engine puts all containers when missing. */
  readonly cgroupParent?: string;
}

export interface ContainerInfo {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Labels;
  readonly running: boolean;
  readonly exitCode: number | undefined;
  /** Only `true` can be trusted: some kernels with cgroup v1 do not tell the engine. The exit code is 137 everywhere. */
  readonly oomKilled: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Bytes written to its own layer; only when asked for. */
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

/** One line from a container. `stream` is `stdout` for a container with a terminal. */
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
  /** Ends the lines, without an error. */
  readonly signal?: AbortSignal;
}

export interface EngineEvent {
  readonly type: 'container' | 'service' | 'config' | 'secret' | 'node' | 'network' | (string & {});
  readonly action: string;
  readonly id: string;
  readonly attributes: Labels;
}

/**
 * A container's terminal or pipes. Without a terminal, `stdout` and `stderr` are apart. Both have to be read: one that
 * is not stops the other, and in the end the program. They end, without an error, with the program or the connection.
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
  /** The container's own when missing. */
  readonly user?: string;
  /** Added to the container's. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ContainerStats {
  /** Cores in use on average over a quarter of a second; 0.5 is half of one. */
  readonly cpus: number;
  /** Without page cache that can be given back. */
  readonly memoryBytes: number;
  /** The machine's memory when it has no limit. */
  readonly memoryLimitBytes: number;
  /** As the kernel counts them for the limit on processes: with threads. */
  readonly processes: number;
}

export interface BuildImageOptions {
  readonly tag: string;
  readonly dockerfile?: string;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Labels;
  readonly limits?: Resources;
  /** Weight of steps for processor time; 1024 is what other containers have. */
  readonly cpuShares?: number;
  /** As of a container. */
  readonly cgroupParent?: string;
  readonly ulimits?: readonly Ulimit[];
  /** Engine network for RUN steps; the default bridge when missing. */
  readonly network?: string;
  readonly noCache?: boolean;
  /** Hears of the container of each step, just before it starts, with the step's text: `Step 2/5 : RUN make`. */
  readonly onStep?: (container: string, step: string) => void;
  readonly pull?: boolean;
  readonly signal?: AbortSignal;
}
