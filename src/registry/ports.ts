import type { Images, Services } from '#engine';
import type { Clock, Logger } from '#events';
import type { Leases } from '#operations/leases.ts';
import type { Operations } from '#operations/operations.ts';
import type { ImageStore } from './image-store.ts';
import type { ClusterRecord, Store } from '#store';

/** What the image store needs from the platform. */
export interface RegistryPorts {
  readonly store: Store;
  /** The controller's own engine, a manager's. */
  readonly engine: Images & Services;
  readonly clock: Clock;
  readonly cluster: ClusterRecord;
  readonly logger: Logger;
  readonly images: ImageStore;
  readonly leases: Leases;
  readonly operations: Operations;
}
