import type { Nodes } from '#engine';
import type { IsolationWatch } from '#nodes/care/isolation-watch.ts';
import type { RouterHub } from '#router';
import type { ClusterRecord, Store } from '#store';

/** What the view of the cluster needs from the platform. */
export interface ClusterPorts {
  /** The controller's own engine, a manager's. */
  readonly engine: Nodes;
  readonly store: Store;
  readonly hub: RouterHub;
  readonly cluster: ClusterRecord;
  readonly isolation: Pick<IsolationWatch, 'seen'>;
}
