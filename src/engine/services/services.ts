import type { Env } from '#events';
import type { LabelFilter, Labels } from '../connection/labels.ts';
import type { LogLine, LogOptions, Mount, Resources } from '../containers/containers.ts';
import type { RegistryAuth } from '../images/images.ts';
import type { TaskInfo } from './tasks.ts';

export interface Healthcheck {
  readonly command: readonly string[];
  readonly intervalMs: number;
  /** Until the first success; engines older than 25 ignore it. */
  readonly startIntervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly retries: number;
}

export interface ServiceSpec {
  readonly name: string;
  readonly labels: Labels;
  /** Also set on each task's container. */
  readonly containerLabels?: Labels;
  /** Id, or a reference that the engine has; never resolved with a registry if `local`. */
  readonly image: string;
  /** Kept by the service, so scaling does not need it. */
  readonly registryAuth?: RegistryAuth;
  readonly entrypoint?: readonly string[];
  readonly args?: readonly string[];
  readonly env: Env;
  readonly user?: string;
  readonly workingDir?: string;
  readonly hostname?: string;
  /** Kernel settings for each container's network. */
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly init?: boolean;
  readonly readOnly?: boolean;
  readonly capDrop?: readonly string[];
  readonly capAdd?: readonly string[];
  readonly noNewPrivileges?: boolean;
  /**
   * Swarm replaces a task whose command fails `retries` times in succession, and publishes a task's address once it
   * has succeeded. Failures in the start period do not count. If omitted, the image's HEALTHCHECK counts; `none`
   * switches it off.
   */
  readonly healthcheck?: Healthcheck | 'none';
  readonly mounts?: readonly Mount[];
  readonly configs?: readonly {
    readonly id: string;
    readonly name: string;
    readonly path: string;
    readonly mode?: number;
  }[];
  readonly secrets?: readonly {
    readonly id: string;
    readonly name: string;
    readonly path: string;
    readonly mode?: number;
  }[];
  readonly networks: readonly { readonly id: string; readonly aliases?: readonly string[] }[];
  /** `global` runs one task on every matching node. */
  readonly replicas: number | 'global';
  readonly limits?: Resources;
  readonly reservations?: Resources;
  readonly constraints?: readonly string[];
  readonly spreadOver?: readonly string[];
  readonly endpointMode: 'dnsrr' | 'vip';
  readonly ports?: readonly {
    readonly target: number;
    readonly published: number;
    readonly mode: 'ingress' | 'host';
  }[];
  readonly restart: { readonly condition: 'any' | 'on-failure' | 'none'; readonly delayMs: number };
  readonly stopGraceMs?: number;
  readonly updateOrder?: 'start-first' | 'stop-first';
  readonly logOptions?: Readonly<Record<string, string>>;
}

export interface ServiceInfo {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly labels: Labels;
  readonly image: string;
  readonly replicas: number | 'global';
  readonly constraints: readonly string[];
  readonly reservations: Resources;
  readonly limits: Resources;
  /** Names of volumes mounted by its tasks; each node has its own. */
  readonly volumes: readonly string[];
  readonly createdAt: string;
}

/** Swarm's services and their tasks. */
export interface Services {
  services(filter: LabelFilter): Promise<ServiceInfo[]>;
  service(nameOrId: string): Promise<ServiceInfo | undefined>;
  createService(spec: ServiceSpec): Promise<string>;
  /** Replaces the whole spec. */
  updateService(id: string, version: number, spec: ServiceSpec): Promise<void>;
  /** Changes only the number of tasks and, if given, the labels; retries on a version conflict. */
  scaleService(id: string, replicas: number, labels?: Labels): Promise<void>;
  /** Changes only the secrets mounted at these paths; retries on a version conflict. */
  replaceServiceSecrets(
    id: string,
    secrets: Readonly<Record<string, { readonly id: string; readonly name: string }>>,
  ): Promise<void>;
  /** Only tasks on nodes that no longer match are stopped; a global service starts tasks on nodes that now match. */
  constrainService(nameOrId: string, constraints: readonly string[]): Promise<void>;
  removeService(nameOrId: string): Promise<void>;
  /** `labels` are those of the service. Returns no tasks if the service does not exist. */
  tasks(filter: { service?: string; labels?: LabelFilter; desired?: 'running' }): Promise<TaskInfo[]>;
  taskLogs(taskId: string, options: LogOptions): AsyncIterable<LogLine>;
}
