import type { Readable } from 'node:stream';
import type { Env } from '#events';
import type { LabelFilter, Labels } from '../connection/labels.ts';
import type { Attachment } from './execs.ts';

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

/** See setrlimit(2); `fsize` in bytes. */
export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** Keeps at most 30 MB of a container's output on disk. */
export const LOG_LIMITS: Readonly<Record<string, string>> = { 'max-size': '10m', 'max-file': '3' };

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
  /** Switches the image's HEALTHCHECK off. */
  readonly healthcheck?: 'none';
  readonly capDrop?: readonly string[];
  readonly capAdd?: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** Instead of the engine's own: a seccomp profile as JSON, and the name of an AppArmor profile. */
  readonly profiles?: { readonly seccomp: string; readonly apparmor: string };
  readonly ulimits?: readonly Ulimit[];
  readonly tty?: boolean;
  readonly openStdin?: boolean;
  /** Options of the engine's log; the engine's default has no limit. */
  readonly logOptions?: Readonly<Record<string, string>>;
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
  readonly createdAt: string;
  /** Year 1 if it was never started. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Bytes written to its own layer; only on request. */
  readonly writtenBytes: number | undefined;
  /** Names of the volumes mounted in it. */
  readonly volumes: readonly string[];
  /** IPv4 address by network id, while it runs. */
  readonly addresses: Readonly<Record<string, string>>;
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

/** Containers of this engine, including those of services. */
export interface Containers {
  containers(filter: LabelFilter): Promise<ContainerInfo[]>;
  container(nameOrId: string, options?: { size?: boolean }): Promise<ContainerInfo | undefined>;
  createContainer(spec: ContainerSpec): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** Attach before starting the container, or output is lost. */
  attachContainer(id: string, options: { tty: boolean; stdin: boolean }): Promise<Attachment>;
  resizeContainer(id: string, size: { columns: number; rows: number }): Promise<void>;
  /** Start the container first: otherwise returns 0 immediately. Rejects with the signal's reason. */
  waitContainer(id: string, signal?: AbortSignal): Promise<number>;
  /** Kill and stop ignore containers that have ended or are gone. */
  killContainer(id: string, signalName?: string): Promise<void>;
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  /** Changes limits, also of a running container; omitted ones stay. */
  limitContainer(id: string, limits: Resources): Promise<void>;
  /** Running or not. */
  removeContainer(id: string): Promise<void>;
  containerLogs(id: string, options: LogOptions): AsyncIterable<LogLine>;
  putArchive(id: string, path: string, tar: Readable): Promise<void>;
  getArchive(id: string, path: string): Promise<Readable>;
  /**
   * Undefined if it is not running, or on kernels that do not report usage (some with cgroup v1). Takes a quarter of a
   * second.
   */
  stats(id: string): Promise<ContainerStats | undefined>;
  /**
   * Returns the image's id. The image inherits the container's environment and labels, so they must contain no secrets.
   */
  commitContainer(id: string, tag: { repository: string; tag: string }, config: ImageConfig): Promise<string>;
}
