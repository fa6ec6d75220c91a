import type { Builders } from '#builds/queue/builders.ts';
import type { SourceStore } from '#builds/source/source-store.ts';
import type { Containers, Images, Networks, Services, Volumes } from '#engine';
import type { Clock } from '#events';
import type { Leases } from '#operations/leases.ts';
import type { Operations } from '#operations/operations.ts';
import type { ImageStore } from '#registry';
import type { LiveRoutes } from '#rollout';
import type { ClusterRecord, Store } from '#store';

/** What apps need from the platform. */
export interface AppPorts {
  readonly store: Store;
  /** The controller's own engine, a manager's. */
  readonly engine: Containers & Images & Networks & Services & Volumes;
  readonly clock: Clock;
  readonly cluster: ClusterRecord;
  readonly routes: LiveRoutes;
  readonly leases: Leases;
  readonly operations: Operations;
  readonly builders: Builders;
  readonly images: ImageStore;
  readonly sources: SourceStore;
}
