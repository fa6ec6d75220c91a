import type { Containers, Images, Networks, Nodes, Services } from '#engine';
import type { Clock, Logger } from '#events';
import type { Leases } from '#operations/leases.ts';
import type { Operations } from '#operations/operations.ts';
import type { OneOffs } from '#processes/one-offs/one-offs.ts';
import type { ImageStore } from '#registry';
import type { Resolve } from '#registry/allowed/addresses.ts';
import type { LiveRoutes, Readiness } from '#rollout';
import type { RouterHub } from '#router';
import type { ClusterRecord, Store } from '#store';

/** What releases need from the platform. */
export interface ReleasePorts {
  readonly store: Store;
  /** The controller's own engine, a manager's. */
  readonly engine: Containers & Images & Networks & Nodes & Services;
  readonly clock: Clock;
  readonly cluster: ClusterRecord;
  readonly images: ImageStore;
  readonly leases: Leases;
  readonly logger: Logger;
  readonly oneOffs: OneOffs;
  readonly operations: Operations;
  /** Id of the network `mothership-proxy`. */
  readonly proxyNetwork: string;
  readonly routes: LiveRoutes;
  readonly hub: RouterHub;
  readonly readiness: Readiness;
  /** Looks up names of registries. */
  readonly resolve: Resolve;
}
