import type { Labels } from '../connection/labels.ts';

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

/** The nodes of the Swarm, as seen by a manager. */
export interface Nodes {
  nodes(): Promise<NodeInfo[]>;
  updateNode(id: string, version: number, change: NodeChange): Promise<void>;
  /** Fails while the node is a manager, and while it is not down unless forced. */
  removeNode(id: string, options?: { force?: boolean }): Promise<void>;
}
