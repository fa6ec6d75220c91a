import { names } from '../cluster/names.ts';
import type { Engine } from '../engine/index.ts';
import { routerConstraints } from '../nodes/index.ts';

/** Lets routers run where the nodes' roles say. */
export async function placeRouters(engine: Engine): Promise<void> {
  const [nodes, router] = await Promise.all([engine.nodes(), engine.service(names.router)]);
  const wanted = routerConstraints(nodes);
  if (router && router.constraints.join() !== wanted.join()) await engine.constrainService(router.id, wanted);
}
