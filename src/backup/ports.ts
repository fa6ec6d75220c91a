import type { Images, Networks, Secrets, Services } from '#engine';
import type { Clock, Logger } from '#events';
import type { NodeEngines } from '#nodes/engines/node-engines.ts';
import type { Leases } from '#operations/leases.ts';
import type { Operations } from '#operations/operations.ts';
import type { ImageStore } from '#registry';
import type { LiveRoutes } from '#rollout';
import type { ClusterRecord, Store } from '#store';

/** What backups and restores need from the platform. */
export interface BackupPorts {
  readonly store: Store;
  /** The controller's own engine, a manager's. */
  readonly engine: Images & Networks & Secrets & Services;
  /** The engine of every node. */
  readonly engines: NodeEngines;
  readonly clock: Clock;
  readonly cluster: ClusterRecord;
  readonly images: ImageStore;
  readonly leases: Leases;
  readonly logger: Logger;
  readonly operations: Operations;
  readonly routes: LiveRoutes;
  /** The controller's folder for uploads and events of operations. */
  readonly dataDir: string;
}
