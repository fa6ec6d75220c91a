import { names } from '#cluster/names.ts';
import type { NodeInfo, Services } from '#engine';
import { routerConstraints } from '../routers.ts';

/** Places routers according to the nodes' roles. */
export async function placeRouters(engine: Services, nodes: readonly NodeInfo[]): Promise<void> {
  const router = await engine.service(names.router);
  const wanted = routerConstraints(nodes);
  if (router && router.constraints.join() !== wanted.join()) await engine.constrainService(router.id, wanted);
}
