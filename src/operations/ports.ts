import type { Builders } from '#builds/queue/builders.ts';
import type { SourceStore } from '#builds/source/source-store.ts';
import type { Containers, Images, Networks, Services, Volumes } from '#engine';
import type { Clock, Logger } from '#events';
import type { NodeEngines } from '#nodes/engines/node-engines.ts';
import type { Leases } from './leases.ts';
import type { Operations } from './operations.ts';
import type { ImageStore } from '#registry';
import type { LiveRoutes } from '#rollout';
import type { ClusterRecord, Store } from '#store';

/** What the sweep needs from the platform. */
export interface OperationPorts {
  readonly store: Store;
  /** The controller's own engine, a manager's. */
  readonly engine: Containers & Images & Networks & Services & Volumes;
  /** The engine of every node. */
  readonly engines: NodeEngines;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leases: Leases;
  readonly operations: Operations;
  readonly routes: LiveRoutes;
  readonly builders: Builders;
  readonly images: ImageStore;
  readonly sources: SourceStore;
  readonly cluster: ClusterRecord;
}
