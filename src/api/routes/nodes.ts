import type { RouteInfo } from '../route-info.ts';

export const nodeRoutes = {
  nodesList: { method: 'GET', path: '/nodes', access: 'member', summary: 'Nodes, with the resources reserved on each' },
  nodesInfo: {
    method: 'GET',
    path: '/nodes/:node',
    access: 'member',
    summary: 'One node, by id or name: its tasks, disk and load',
  },
  nodesUpdate: {
    method: 'PATCH',
    path: '/nodes/:node',
    access: 'admin',
    summary: "Changes a node's role, availability, zone, roles and labels",
  },
  nodesDrain: {
    method: 'POST',
    path: '/nodes/:node/drain',
    access: 'admin',
    summary: 'Drains a node without dropping requests',
    answer: 'operation',
  },
  nodesRemove: {
    method: 'DELETE',
    path: '/nodes/:node',
    access: 'admin',
    summary: 'Drains a node and removes it from the cluster',
    answer: 'operation',
  },
  nodesRebalance: {
    method: 'POST',
    path: '/nodes/rebalance',
    access: 'admin',
    summary: 'Restarts apps one at a time to even out tasks over zones and nodes',
    answer: 'operation',
  },
  nodesJoin: {
    method: 'POST',
    path: '/nodes/join',
    access: 'admin',
    summary: 'What a machine needs to join the cluster; secret',
  },
} as const satisfies Record<string, RouteInfo>;
