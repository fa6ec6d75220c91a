import type { NodeEngines } from '#nodes/engines/node-engines.ts';
import type { AppSources } from './queue/app-sources.ts';
import type { BuildQueue } from './queue/build-queue.ts';
import type { Builders } from './queue/builders.ts';
import type { SourceReader } from './source/source-reader.ts';
import type { SourceStore } from './source/source-store.ts';
import type { Engine } from '#engine';
import type { Clock, Logger } from '#events';
import type { Leases } from '#operations/leases.ts';
import type { Operations } from '#operations/operations.ts';
import type { ImageStore } from '#registry';
import type { ClusterRecord, Store } from '#store';

/** What builds need from the platform. */
export interface BuildPorts {
  readonly store: Store;
  /** The controller's own engine, a manager's. */
  readonly engine: Engine;
  readonly clock: Clock;
  readonly cluster: ClusterRecord;
  readonly leases: Leases;
  readonly operations: Operations;
  readonly logger: Logger;
  readonly buildQueue: BuildQueue;
  readonly builders: Builders;
  readonly appSources: AppSources;
  readonly sources: SourceStore;
  readonly reader: SourceReader;
  readonly images: ImageStore;
  /** The controller's folder for uploads and events of operations. */
  readonly dataDir: string;
  /** CA certificates that builds trust besides the usual ones, PEM. */
  readonly caBundle: Buffer | undefined;
  /** The engine of every node. */
  readonly engines: NodeEngines;
}
