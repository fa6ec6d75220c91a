import type { ImageStore } from '#registry';
import type { Engine } from '#engine';
import type { Clock, Logger } from '#events';
import type { NodeEngines } from './engines/node-engines.ts';
import type { Leases } from '#operations/leases.ts';
import type { Operations } from '#operations/operations.ts';
import type { ClusterRecord, Store } from '#store';

/** What nodes need from the platform. */
export interface NodePorts {
  readonly store: Store;
  /** The controller's own engine, a manager's. */
  readonly engine: Engine;
  /** The engine of every node. */
  readonly engines: NodeEngines;
  readonly clock: Clock;
  readonly cluster: ClusterRecord;
  readonly logger: Logger;
  readonly leases: Leases;
  readonly operations: Operations;
  readonly images: ImageStore;
}
