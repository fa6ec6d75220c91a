/**
 * Who may call a route: anyone, a router, any token (a deploy token only for its app), a user token, or an admin token.
 */
export type Access = 'public' | 'router' | 'deploy' | 'member' | 'admin';

export interface RouteInfo {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Parameters are written `:name`. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  /**
   * `operation`: responds with 202 and an Operation to follow. `ndjson`: a stream of lines. `socket`: a WebSocket.
   * `poll`: 204 if nothing is new. `download`: a stream of bytes.
   */
  readonly answer?: 'operation' | 'ndjson' | 'socket' | 'poll' | 'download';
  /** Media type of a body that is not JSON and is streamed. */
  readonly upload?: string;
  /** The upload is only limited by the controller's disk; others have a limit. */
  readonly large?: boolean;
}

/** Methods and paths without their schemas, so that the CLI's client does not load a validator. */
export const routes = {
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

  tokensList: { method: 'GET', path: '/tokens', access: 'admin', summary: 'Access tokens, without their values' },
  tokensCreate: {
    method: 'POST',
    path: '/tokens',
    access: 'admin',
    summary: 'Creates a token; only this response contains its value',
  },
  tokensRevoke: { method: 'DELETE', path: '/tokens/:token', access: 'admin', summary: 'Revokes a token' },

  appsList: { method: 'GET', path: '/apps', access: 'member', summary: 'All apps' },
  appsCreate: { method: 'POST', path: '/apps', access: 'member', summary: 'Creates an app' },
  appsInfo: { method: 'GET', path: '/apps/:app', access: 'deploy', summary: 'One app' },
  appsUpdate: {
    method: 'PATCH',
    path: '/apps/:app',
    access: 'member',
    summary: 'Renames an app or turns its maintenance mode on or off',
  },
  appsDestroy: {
    method: 'DELETE',
    path: '/apps/:app',
    access: 'member',
    summary: 'Destroys an app and everything it owns; `confirm` repeats its name',
  },

  configGet: { method: 'GET', path: '/apps/:app/config', access: 'member', summary: 'Config vars with their values' },
  configUpdate: {
    method: 'PATCH',
    path: '/apps/:app/config',
    access: 'member',
    summary: 'Sets and unsets config vars; creates a release',
    answer: 'operation',
  },

  buildsList: { method: 'GET', path: '/apps/:app/builds', access: 'deploy', summary: 'Builds, newest first' },
  buildsCreate: {
    method: 'POST',
    path: '/apps/:app/builds',
    access: 'deploy',
    summary: 'Builds the uploaded source and releases it',
    answer: 'operation',
    upload: 'application/gzip',
  },
  sourcesCreate: {
    method: 'POST',
    path: '/apps/:app/sources',
    access: 'deploy',
    summary:
      "Accepts a manifest: the source's gzipped tar with each file's content replaced by its SHA-256 in hex; responds with the digests to upload with the build",
    upload: 'application/gzip',
  },
  buildsInfo: { method: 'GET', path: '/apps/:app/builds/:build', access: 'deploy', summary: 'One build' },
  buildsOutput: {
    method: 'GET',
    path: '/apps/:app/builds/:build/output',
    access: 'deploy',
    summary: "A build's output, live while it runs",
    answer: 'ndjson',
  },
  buildsCachePurge: {
    method: 'DELETE',
    path: '/apps/:app/builds/cache',
    access: 'member',
    summary: 'Deletes the build cache of an app',
  },
  buildsCancel: {
    method: 'POST',
    path: '/apps/:app/builds/:build/cancel',
    access: 'deploy',
    summary: 'Cancels a build',
  },

  buildSettingsInfo: {
    method: 'GET',
    path: '/builds/settings',
    access: 'admin',
    summary: 'Settings for the builds of all apps; may contain secrets',
  },
  buildSettingsUpdate: {
    method: 'PATCH',
    path: '/builds/settings',
    access: 'admin',
    summary: 'Sets variables and limits for all builds',
  },

  buildpacksList: {
    method: 'GET',
    path: '/apps/:app/buildpacks',
    access: 'member',
    summary: 'Buildpacks set on an app',
  },
  buildpacksUpdate: {
    method: 'PATCH',
    path: '/apps/:app/buildpacks',
    access: 'member',
    summary: 'Changes the buildpacks of an app, starting with its next build',
  },
  testsCreate: {
    method: 'POST',
    path: '/apps/:app/tests',
    access: 'member',
    summary: 'Builds the uploaded source for testing and runs its tests',
    answer: 'operation',
    upload: 'application/gzip',
  },

  releasesList: { method: 'GET', path: '/apps/:app/releases', access: 'member', summary: 'Releases, newest first' },
  releasesCreate: {
    method: 'POST',
    path: '/apps/:app/releases',
    access: 'member',
    summary: 'Releases a prebuilt image',
    answer: 'operation',
  },
  releasesInfo: {
    method: 'GET',
    path: '/apps/:app/releases/:release',
    access: 'member',
    summary: 'One release; `current` is the live one',
  },
  releasesRollback: {
    method: 'POST',
    path: '/apps/:app/rollback',
    access: 'member',
    summary: 'Creates a new release from an earlier one',
    answer: 'operation',
  },

  stackInfo: {
    method: 'GET',
    path: '/apps/:app/stack',
    access: 'member',
    summary: 'The stack of an app, and whether a newer run image is available',
  },
  stackUpdate: {
    method: 'POST',
    path: '/apps/:app/stack/update',
    access: 'member',
    summary: 'Rebases an app onto the newest run image, without rebuilding',
    answer: 'operation',
  },
  stackUpdateAll: {
    method: 'POST',
    path: '/stack/update',
    access: 'admin',
    summary: 'Rebases all outdated apps, one at a time',
    answer: 'operation',
  },

  formationGet: {
    method: 'GET',
    path: '/apps/:app/formation',
    access: 'member',
    summary: 'Process types with their quantity and size',
  },
  formationUpdate: {
    method: 'PATCH',
    path: '/apps/:app/formation',
    access: 'member',
    summary: 'Changes quantities and sizes',
    answer: 'operation',
  },
  psList: { method: 'GET', path: '/apps/:app/ps', access: 'member', summary: 'Running tasks' },
  psRestart: {
    method: 'POST',
    path: '/apps/:app/ps/restart',
    access: 'member',
    summary: 'Restarts process types without dropping requests',
    answer: 'operation',
  },
  psStop: {
    method: 'POST',
    path: '/apps/:app/ps/stop',
    access: 'member',
    summary: 'Stops a process type or a one-off process',
    answer: 'operation',
  },

  psExec: {
    method: 'POST',
    path: '/apps/:app/ps/exec',
    access: 'member',
    summary: 'Prepares a session in a running process',
  },
  psExecAttach: {
    method: 'GET',
    path: '/apps/:app/ps/exec/:exec/attach',
    access: 'member',
    summary: 'Terminal of a session; connecting starts it',
    answer: 'socket',
  },
  psCopy: {
    method: 'GET',
    path: '/apps/:app/ps/copy',
    access: 'member',
    summary: 'Copies a tar out of a process or into it',
    answer: 'socket',
  },
  psForward: {
    method: 'GET',
    path: '/apps/:app/ps/forward',
    access: 'member',
    summary: 'One connection to a port of a process',
    answer: 'socket',
  },

  domainsList: { method: 'GET', path: '/apps/:app/domains', access: 'member', summary: 'Host names of an app' },
  domainsAdd: { method: 'POST', path: '/apps/:app/domains', access: 'member', summary: 'Adds a host name' },
  domainsRemove: {
    method: 'DELETE',
    path: '/apps/:app/domains/:domain',
    access: 'member',
    summary: 'Removes a host name',
  },
  domainsClear: {
    method: 'DELETE',
    path: '/apps/:app/domains',
    access: 'member',
    summary: 'Removes all host names except the default',
  },

  logs: {
    method: 'GET',
    path: '/apps/:app/logs',
    access: 'member',
    summary: 'Log lines of the app and the router',
    answer: 'ndjson',
  },

  runCreate: {
    method: 'POST',
    path: '/apps/:app/run',
    access: 'member',
    summary: 'Starts a one-off process from the current release',
  },
  runAttach: {
    method: 'GET',
    path: '/apps/:app/run/:run/attach',
    access: 'member',
    summary: 'Terminal of a one-off process',
    answer: 'socket',
  },

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

export type RouteName = keyof typeof routes;
