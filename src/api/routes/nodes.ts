import { get, patch, post, remove } from '../route-info.ts';

export const nodeRoutes = {
  nodesList: get('/nodes', 'member', 'Nodes, with the resources reserved on each'),
  nodesInfo: get('/nodes/:node', 'member', 'One node, by id or name: its tasks, disk and load'),
  nodesUpdate: patch('/nodes/:node', 'admin', "Changes a node's role, availability, zone, roles and labels"),
  nodesDrain: post('/nodes/:node/drain', 'admin', 'Drains a node without dropping requests', { answer: 'operation' }),
  nodesRemove: remove('/nodes/:node', 'admin', 'Drains a node and removes it from the cluster', {
    answer: 'operation',
  }),
  nodesRebalance: post(
    '/nodes/rebalance',
    'admin',
    'Restarts apps one at a time to even out tasks over zones and nodes',
    { answer: 'operation' },
  ),
  nodesJoin: post('/nodes/join', 'admin', 'What a machine needs to join the cluster; secret'),
};
