import type { Platform } from '../../platform/index.ts';
import type { Register } from '../register.ts';

export function nodesRoutes(register: Register, platform: Platform): void {
  register('nodesList', () => platform.nodes.list());
  register('nodesInfo', ({ params }) => platform.nodes.info(params.node));
  register('nodesUpdate', ({ params, body, caller }) => platform.nodes.update(params.node, body, caller));
  register('nodesDrain', ({ params, body, caller }) => platform.nodes.drain(params.node, body, caller));
  register('nodesRemove', ({ params, query, caller }) => platform.nodes.remove(params.node, query, caller));
  register('nodesRebalance', ({ caller }) => platform.nodes.rebalance(caller));
  register('nodesJoin', ({ body }) => platform.nodes.join(body.role));
}
