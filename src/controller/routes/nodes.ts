import type { nodeRoutes } from '#api/routes/nodes.ts';
import type { Platform } from '#platform';
import type { Handlers } from '../handler.ts';

export function nodeHandlers(platform: Platform): Handlers<keyof typeof nodeRoutes> {
  return {
    nodesList: () => platform.nodes.list(),
    nodesInfo: ({ params }) => platform.nodes.info(params.node),
    nodesUpdate: ({ params, body, caller }) => platform.nodes.update(params.node, body, caller),
    nodesDrain: ({ params, body, caller }) => platform.nodes.drain(params.node, body, caller),
    nodesRemove: ({ params, query, caller }) => platform.nodes.remove(params.node, query, caller),
    nodesRebalance: ({ caller }) => platform.nodes.rebalance(caller),
    nodesJoin: ({ body }) => platform.nodes.join(body.role),
  };
}
