/**
 * Who may call a route: nobody checked, a router's poll token, any token (one that deploys an app only about that app and
 * its deploys), a user's, or an admin's.
 */
export type Access = 'public' | 'router' | 'deploy' | 'member' | 'admin';

export interface RouteInfo {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Parameters are written `:name`. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  /** `operation`: answers 202 with an Operation to follow. `ndjson`: a stream of lines. `socket`: a WebSocket. `poll`: 204 when nothing is new. `download`: a stream of bytes. */
  readonly answer?: 'operation' | 'ndjson' | 'socket' | 'poll' | 'download';
  /** The body is not JSON but this media type, streamed. */
  readonly upload?: string;
  /** An upload as large as the controller's disk takes; others have a limit. */
  readonly large?: boolean;
}

/** Methods and paths without their schemas, so that the CLI's client need not load a validator. */
export const routes = {
  health: {
    method: 'GET',
    path: '/health',
    access: 'public',
    summary: 'Says that the controller lives, and its version',
  },
  openapi: { method: 'GET', path: '/openapi.json', access: 'public', summary: 'This document' },
  account: { method: 'GET', path: '/account', access: 'deploy', summary: 'Whose token this is' },

  clusterInfo: { method: 'GET', path: '/cluster', access: 'member', summary: 'The cluster: nodes, routers, settings' },

  backupCreate: {
    method: 'GET',
    path: '/cluster/backup',
    access: 'admin',
    summary: 'All that the cluster has, as a tar; it holds secrets',
    answer: 'download',
  },
  backupRestore: {
    method: 'POST',
    path: '/cluster/restore',
    access: 'admin',
    summary: 'Puts an uploaded backup back',
    answer: 'operation',
    upload: 'application/x-tar',
    large: true,
  },

  nodesList: { method: 'GET', path: '/nodes', access: 'member', summary: 'Nodes, with what their tasks are promised' },
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
    summary: 'Changes role, availability, zone, roles and labels of a node',
  },
  nodesDrain: {
    method: 'POST',
    path: '/nodes/:node/drain',
    access: 'admin',
    summary: 'Moves everything off a node, web processes without dropping requests',
    answer: 'operation',
  },
  nodesRemove: {
    method: 'DELETE',
    path: '/nodes/:node',
    access: 'admin',
    summary: 'Drains a node and takes it out of the cluster',
    answer: 'operation',
  },
  nodesRebalance: {
    method: 'POST',
    path: '/nodes/rebalance',
    access: 'admin',
    summary: 'Starts apps anew, one at a time, so that tasks are even over zones and nodes',
    answer: 'operation',
  },
  nodesJoin: { method: 'POST', path: '/nodes/join', access: 'admin', summary: 'What a machine needs to join; secret' },

  tokensList: { method: 'GET', path: '/tokens', access: 'admin', summary: 'Tokens, without their values' },
  tokensCreate: {
    method: 'POST',
    path: '/tokens',
    access: 'admin',
    summary: 'Makes a token; its value is in this answer only',
  },
  tokensRevoke: { method: 'DELETE', path: '/tokens/:token', access: 'admin', summary: 'Revokes a token' },

  appsList: { method: 'GET', path: '/apps', access: 'member', summary: 'All apps' },
  appsCreate: { method: 'POST', path: '/apps', access: 'member', summary: 'Creates an app' },
  appsInfo: { method: 'GET', path: '/apps/:app', access: 'deploy', summary: 'One app' },
  appsUpdate: {
    method: 'PATCH',
    path: '/apps/:app',
    access: 'member',
    summary: 'Renames an app or switches its maintenance mode',
  },
  appsDestroy: {
    method: 'DELETE',
    path: '/apps/:app',
    access: 'member',
    summary: 'Destroys an app and all it has; `confirm` repeats its name',
  },

  configGet: { method: 'GET', path: '/apps/:app/config', access: 'member', summary: 'Config vars, values included' },
  configUpdate: {
    method: 'PATCH',
    path: '/apps/:app/config',
    access: 'member',
    summary: 'Sets and unsets config vars; makes a release',
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
      "Takes a manifest: the source's gzipped tar with the SHA-256 of each file, in hex, in place of its content; answers which contents are to be sent with the build",
    upload: 'application/gzip',
  },
  buildsInfo: { method: 'GET', path: '/apps/:app/builds/:build', access: 'deploy', summary: 'One build' },
  buildsOutput: {
    method: 'GET',
    path: '/apps/:app/builds/:build/output',
    access: 'deploy',
    summary: 'What a build wrote, live while it runs',
    answer: 'ndjson',
  },
  buildsCachePurge: {
    method: 'DELETE',
    path: '/apps/:app/builds/cache',
    access: 'member',
    summary: 'Forgets what builds of an app kept for the next one',
  },
  buildsCancel: { method: 'POST', path: '/apps/:app/builds/:build/cancel', access: 'deploy', summary: 'Stops a build' },

  buildSettingsInfo: {
    method: 'GET',
    path: '/builds/settings',
    access: 'admin',
    summary: 'What is set for the builds of all apps; may be secret',
  },
  buildSettingsUpdate: {
    method: 'PATCH',
    path: '/builds/settings',
    access: 'admin',
    summary: 'Sets variables and limits of all builds',
  },

  buildpacksList: {
    method: 'GET',
    path: '/apps/:app/buildpacks',
    access: 'member',
    summary: 'Buildpacks that are set on an app',
  },
  buildpacksUpdate: {
    method: 'PATCH',
    path: '/apps/:app/buildpacks',
    access: 'member',
    summary: 'Changes the buildpacks of an app; its next build takes them',
  },
  testsCreate: {
    method: 'POST',
    path: '/apps/:app/tests',
    access: 'member',
    summary: 'Builds the uploaded source for its tests and runs them',
    answer: 'operation',
    upload: 'application/gzip',
  },

  releasesList: { method: 'GET', path: '/apps/:app/releases', access: 'member', summary: 'Releases, newest first' },
  releasesCreate: {
    method: 'POST',
    path: '/apps/:app/releases',
    access: 'member',
    summary: 'Releases an existing image',
    answer: 'operation',
  },
  releasesInfo: {
    method: 'GET',
    path: '/apps/:app/releases/:release',
    access: 'member',
    summary: 'One release; `current` names the live one',
  },
  releasesRollback: {
    method: 'POST',
    path: '/apps/:app/rollback',
    access: 'member',
    summary: 'Makes a new release from an earlier one',
    answer: 'operation',
  },

  stackInfo: {
    method: 'GET',
    path: '/apps/:app/stack',
    access: 'member',
    summary: 'The stack of an app, and whether there is a newer run image',
  },
  stackUpdate: {
    method: 'POST',
    path: '/apps/:app/stack/update',
    access: 'member',
    summary: 'Lays the app on the newest run image, without a build',
    answer: 'operation',
  },
  stackUpdateAll: {
    method: 'POST',
    path: '/stack/update',
    access: 'admin',
    summary: 'The same for all apps that are behind, one after the other',
    answer: 'operation',
  },

  formationGet: {
    method: 'GET',
    path: '/apps/:app/formation',
    access: 'member',
    summary: 'Process types with quantity and size',
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
    summary: 'Stops a process type or a one-off',
    answer: 'operation',
  },

  psExec: {
    method: 'POST',
    path: '/apps/:app/ps/exec',
    access: 'member',
    summary: 'Makes a session in a running process ready',
  },
  psExecAttach: {
    method: 'GET',
    path: '/apps/:app/ps/exec/:exec/attach',
    access: 'member',
    summary: 'Terminal of a session, which starts it',
    answer: 'socket',
  },
  psCopy: {
    method: 'GET',
    path: '/apps/:app/ps/copy',
    access: 'member',
    summary: 'A tar out of a process, or into it',
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
    summary: 'Removes all host names but the default one',
  },

  logs: {
    method: 'GET',
    path: '/apps/:app/logs',
    access: 'member',
    summary: 'Log lines of app and router',
    answer: 'ndjson',
  },

  runCreate: {
    method: 'POST',
    path: '/apps/:app/run',
    access: 'member',
    summary: 'Starts a one-off process in the current release',
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
    summary: 'Its events from number `from` on, live until it ends',
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
    summary: "A router's report; answers the route table when it has changed",
    answer: 'poll',
  },
} as const satisfies Record<string, RouteInfo>;

export type RouteName = keyof typeof routes;
