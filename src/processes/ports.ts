import type { Engine } from '#engine';
import type { Clock, Logger } from '#events';
import type { NodeEngines } from '#nodes/engines/node-engines.ts';
import type { Leases } from '#operations/leases.ts';
import type { Operations } from '#operations/operations.ts';
import type { DiskWatch } from './disk-watch.ts';
import type { OneOffs } from './one-offs/one-offs.ts';
import type { LiveRoutes, Readiness } from '#rollout';
import type { RouterHub } from '#router';
import type { ClusterRecord, Store } from '#store';

/** What processes need from the platform. */
export interface ProcessPorts {
  readonly store: Store;
  /** The controller's own engine, a manager's. */
  readonly engine: Engine;
  /** The engine of every node. */
  readonly engines: NodeEngines;
  readonly clock: Clock;
  readonly cluster: ClusterRecord;
  readonly logger: Logger;
  readonly hub: RouterHub;
  readonly routes: LiveRoutes;
  readonly readiness: Readiness;
  readonly oneOffs: OneOffs;
  readonly diskWatch: DiskWatch;
  /** Id of the network `mothership-proxy`. */
  readonly proxyNetwork: string;
  readonly leases: Leases;
  readonly operations: Operations;
}
