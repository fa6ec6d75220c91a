import { get, post, remove } from '../route-info.ts';

export const clusterRoutes = {
  health: get('/health', 'public', 'Health check and version of the controller'),
  openapi: get('/openapi.json', 'public', 'This document'),
  account: get('/account', 'deploy', 'The user this token belongs to'),
  clusterInfo: get('/cluster', 'member', 'The cluster: nodes, routers, settings'),
  backupCreate: get('/cluster/backup', 'admin', 'A backup of the whole cluster as a tar; contains secrets', {
    answer: 'download',
  }),
  backupRestore: post('/cluster/restore', 'admin', 'Restores an uploaded backup', {
    answer: 'operation',
    upload: 'application/x-tar',
    large: true,
  }),
  tokensList: get('/tokens', 'admin', 'Access tokens, without their values'),
  tokensCreate: post('/tokens', 'admin', 'Creates a token; only this response contains its value'),
  tokensRevoke: remove('/tokens/:token', 'admin', 'Revokes a token'),
  operationsInfo: get('/operations/:operation', 'deploy', 'One operation'),
  operationsEvents: get(
    '/operations/:operation/events',
    'deploy',
    'Events from number `from` on, live until the operation ends',
    { answer: 'ndjson' },
  ),
  operationsCancel: post('/operations/:operation/cancel', 'deploy', 'Cancels an operation'),
  routerPoll: post('/router/poll', 'router', "A router's report; responds with the route table if it has changed", {
    answer: 'poll',
  }),
};
