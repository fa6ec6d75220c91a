import type { Env } from '../../events/index.ts';
import type { Labels, Mount, RegistryAuth, Resources } from '../types.ts';

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
  readonly updatedAt: string;
}

export type TaskState =
  | 'new'
  | 'pending'
  | 'assigned'
  | 'accepted'
  | 'preparing'
  | 'ready'
  | 'starting'
  | 'running'
  | 'complete'
  | 'shutdown'
  | 'failed'
  | 'rejected'
  | 'remove'
  | 'orphaned';

export interface TaskInfo {
  readonly id: string;
  readonly serviceId: string;
  readonly slot: number;
  readonly nodeId: string;
  readonly state: TaskState;
  readonly desired: 'running' | 'shutdown' | 'ready' | 'remove';
  /** Swarm's message about the state, for example "started" or "no suitable node (insufficient resources)". */
  readonly message: string;
  readonly error: string;
  /** Of an exited container. */
  readonly exitCode: number | undefined;
  readonly image: string;
  readonly containerId: string | undefined;
  /** Of its container, not of its service. */
  readonly labels: Labels;
  /** IPv4 address by network id, without the prefix length. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly createdAt: string;
  /** When it entered `state`. */
  readonly since: string;
}
