import type { Engine } from '../engine/index.ts';
import type { Clock } from '../events/index.ts';
import type { SourceStore } from '../builds/index.ts';
import type { AppLogs } from '../logs/index.ts';
import type { ImageStore } from '../registry/index.ts';
import type { RouterHub } from '../router/index.ts';
import type { LiveRoutes, Readiness } from '../rollout/index.ts';
import type { OneOffs } from '../processes/index.ts';
import type { ClusterRecord, Store } from '../store/index.ts';
import type { Builders } from '../builds/queue/builders.ts';
import type { BuildQueue } from '../builds/queue/build-queue.ts';
import type { Leases } from '../operations/leases.ts';
import type { NodeEngines } from '../nodes/engines/node-engines.ts';
import type { Logger, Operations } from '../operations/operations.ts';

/** What the platform's nouns are made of; put together once in `createPlatform`. */
export interface Parts {
  /** The controller's own: a manager's. */
  readonly engine: Engine;
  /** That of every node. */
  readonly engines: NodeEngines;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hub: RouterHub;
  readonly routes: LiveRoutes;
  readonly readiness: Readiness;
  readonly leases: Leases;
  readonly operations: Operations;
  readonly builders: Builders;
  readonly buildQueue: BuildQueue;
  readonly sources: SourceStore;
  readonly oneOffs: OneOffs;
  readonly images: ImageStore;
  readonly logs: AppLogs;
  readonly cluster: ClusterRecord;
  /** Id of `mothership-proxy`. */
  readonly proxyNetwork: string;
  readonly dataDir: string;
  readonly caBundle: Buffer | undefined;
}

export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
