import { appRoutes } from './routes/apps.ts';
import { buildRoutes } from './routes/builds.ts';
import { clusterRoutes } from './routes/cluster.ts';
import { nodeRoutes } from './routes/nodes.ts';
import { processRoutes } from './routes/processes.ts';
import { releaseRoutes } from './routes/releases.ts';

export type { Access, RouteInfo } from './route-info.ts';

/** Methods and paths without their schemas, so that the CLI's client does not load a validator. */
export const routes = {
  ...clusterRoutes,
  ...nodeRoutes,
  ...appRoutes,
  ...buildRoutes,
  ...releaseRoutes,
  ...processRoutes,
};

export type RouteName = keyof typeof routes;
