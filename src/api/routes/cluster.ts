import type { RouteInfo } from '../route-info.ts';

export const clusterRoutes = {
  health: {
    method: 'GET',
    path: '/health',
    access: 'public',
    summary: 'Health check and version of the controller',
  },
  openapi: { method: 'GET', path: '/openapi.json', access: 'public', summary: 'This document' },
  account: { method: 'GET', path: '/account', access: 'deploy', summary: 'The user this token belongs to' },
  clusterInfo: { method: 'GET', path: '/cluster', access: 'member', summary: 'The cluster: nodes, routers, settings' },
  backupCreate: {
    method: 'GET',
    path: '/cluster/backup',
    access: 'admin',
    summary: 'A backup of the whole cluster as a tar; contains secrets',
    answer: 'download',
  },
  backupRestore: {
    method: 'POST',
    path: '/cluster/restore',
    access: 'admin',
    summary: 'Restores an uploaded backup',
    answer: 'operation',
    upload: 'application/x-tar',
    large: true,
  },
  tokensList: { method: 'GET', path: '/tokens', access: 'admin', summary: 'Access tokens, without their values' },
  tokensCreate: {
    method: 'POST',
    path: '/tokens',
    access: 'admin',
    summary: 'Creates a token; only this response contains its value',
  },
  tokensRevoke: { method: 'DELETE', path: '/tokens/:token', access: 'admin', summary: 'Revokes a token' },
  operationsInfo: { method: 'GET', path: '/operations/:operation', access: 'deploy', summary: 'One operation' },
  operationsEvents: {
    method: 'GET',
    path: '/operations/:operation/events',
    access: 'deploy',
    summary: 'Events from number `from` on, live until the operation ends',
    answer: 'ndjson',
  },
  operationsCancel: {
    method: 'POST',
    path: '/operations/:operation/cancel',
    access: 'deploy',
    summary: 'Cancels an operation',
  },
  routerPoll: {
    method: 'POST',
    path: '/router/poll',
    access: 'router',
    summary: "A router's report; responds with the route table if it has changed",
    answer: 'poll',
  },
} as const satisfies Record<string, RouteInfo>;
