import type { Nodes } from '../engine/index.ts';
import type { RouterHub } from '../router/index.ts';
import type { ClusterRecord, Store } from '../store/index.ts';

/** What the view of the cluster needs from the platform. */
export interface ClusterPorts {
  /** The controller's own engine, a manager's. */
  readonly engine: Nodes;
  readonly store: Store;
  readonly hub: RouterHub;
  readonly cluster: ClusterRecord;
}
