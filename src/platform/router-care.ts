import { names } from '../cluster/names.ts';
import type { Engine } from '../engine/index.ts';
import { routerConstraints } from '../nodes/index.ts';

/** Lets routers run where the nodes' roles say, or will say without that of one node. */
export async function placeRouters(engine: Engine, without?: string): Promise<void> {
  const [nodes, router] = await Promise.all([engine.nodes(), engine.service(names.router)]);
  const wanted = routerConstraints(nodes.filter(({ id }) => id !== without));
  if (router && router.constraints.join() !== wanted.join()) await engine.constrainService(router.id, wanted);
}
