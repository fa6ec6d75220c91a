import type { Platform } from '#platform';
import type { Handlers } from '../handler.ts';
import { appHandlers } from './apps.ts';
import { buildHandlers } from './builds.ts';
import { clusterHandlers } from './cluster.ts';
import { nodeHandlers } from './nodes.ts';
import { processHandlers } from './processes.ts';
import { releaseHandlers } from './releases.ts';

/** What the controller does for each route of the API. */
export function handlers(platform: Platform, version: string): Handlers {
  return {
    ...clusterHandlers(platform, version),
    ...nodeHandlers(platform),
    ...appHandlers(platform),
    ...buildHandlers(platform),
    ...releaseHandlers(platform),
    ...processHandlers(platform),
  };
}
