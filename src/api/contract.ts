import { z } from 'zod';
import type { RouteName } from './routes.ts';
import * as apps from './schemas/apps.ts';
import * as settings from './schemas/build-settings.ts';
import * as buildpacks from './schemas/buildpacks.ts';
import * as nodes from './schemas/nodes.ts';
import * as operations from './schemas/operations.ts';
import * as ps from './schemas/ps.ts';
import * as releases from './schemas/releases.ts';
import * as router from './schemas/router.ts';

export interface RouteSchemas {
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** For `ndjson` routes, the schema of one line. */
  readonly response: z.ZodType;
}

const nothing = z.object({});

/** The schemas of every route. They validate requests, type the client and define the OpenAPI document. */
export const contract = {
  health: { response: operations.health },
  openapi: { response: z.record(z.string(), z.unknown()) },
  account: { response: operations.account },
  clusterInfo: { response: operations.clusterInfo },
  backupCreate: { query: operations.backupCreateQuery, response: operations.archive },
  backupRestore: { query: operations.backupRestoreQuery, response: operations.operation },
  nodesList: { response: z.array(nodes.node) },
  nodesInfo: { response: nodes.nodeInfo },
  nodesUpdate: { body: nodes.nodesUpdateBody, response: nodes.nodeUpdated },
  nodesDrain: { body: nodes.nodesDrainBody, response: operations.operation },
  nodesRemove: { query: nodes.nodesRemoveQuery, response: operations.operation },
  nodesRebalance: { response: operations.operation },
  nodesJoin: { body: nodes.nodesJoinBody, response: nodes.joining },
  tokensList: { response: z.array(operations.token) },
  tokensCreate: { body: operations.tokensCreateBody, response: operations.tokenWithValue },
  tokensRevoke: { response: operations.token },
  appsList: { response: z.array(apps.app) },
  appsCreate: { body: apps.appsCreateBody, response: apps.app },
  appsInfo: { response: apps.app },
  appsUpdate: { body: apps.appsUpdateBody, response: apps.app },
  appsDestroy: { query: z.object({ confirm: z.string() }), response: apps.app },
  appsErrors: { query: apps.appsErrorsQuery, response: apps.appErrors },
  configGet: { response: apps.configVars },
  configUpdate: { body: apps.configUpdateBody, response: operations.operation },
  buildsList: { response: z.array(releases.build) },
  buildsCreate: { query: releases.buildsCreateQuery, response: operations.operation },
  sourcesCreate: { response: releases.sourceOffered },
  buildsInfo: { response: releases.build },
  buildsOutput: { query: operations.eventsQuery, response: operations.operationEvent },
  buildsCachePurge: { response: releases.cachePurged },
  buildsCancel: { response: releases.build },
  buildSettingsInfo: { response: settings.buildSettings },
  buildSettingsUpdate: { body: settings.buildSettingsBody, response: settings.buildSettings },
  buildpacksList: { response: z.array(buildpacks.buildpack) },
  buildpacksUpdate: { body: buildpacks.buildpacksUpdateBody, response: z.array(buildpacks.buildpack) },
  testsCreate: { query: buildpacks.testsCreateQuery, response: operations.operation },
  releasesList: { response: z.array(releases.release) },
  releasesCreate: { body: releases.releasesCreateBody, response: operations.operation },
  releasesInfo: { response: releases.release },
  releasesRollback: { body: releases.rollbackBody, response: operations.operation },
  releasesRetry: { response: operations.operation },
  releasesOutput: { query: operations.eventsQuery, response: operations.operationEvent },
  stackInfo: { response: releases.stack },
  stackUpdate: { response: operations.operation },
  stackUpdateAll: { response: operations.operation },
  formationGet: { response: z.array(apps.processFormation) },
  formationUpdate: { body: apps.formationUpdateBody, response: operations.operation },
  psList: { response: z.array(ps.task) },
  psRestart: { body: ps.psRestartBody, response: operations.operation },
  psStop: { body: ps.psStopBody, response: operations.operation },
  psExec: { body: ps.psExecBody, response: ps.exec },
  psExecAttach: { response: nothing },
  psCopy: { query: ps.psCopyQuery, response: nothing },
  psForward: { query: ps.psForwardQuery, response: nothing },
  domainsList: { response: z.array(apps.domain) },
  domainsAdd: { body: apps.domainsAddBody, response: apps.domain },
  domainsRemove: { response: apps.domain },
  domainsClear: { response: z.array(apps.domain) },
  logs: { query: ps.logsQuery, response: ps.logLine },
  runList: { response: z.array(ps.listedRun) },
  runCreate: { body: ps.runCreateBody, response: ps.run },
  runAttach: { response: nothing },
  runStop: { response: operations.operation },
  operationsInfo: { response: operations.operation },
  operationsEvents: { query: operations.eventsQuery, response: operations.operationEvent },
  operationsCancel: { response: operations.operation },
  routerPoll: { body: router.routerReport, response: router.routeTable },
} as const satisfies Record<RouteName, RouteSchemas>;

type Contract = typeof contract;
type Part<T, K extends string> = K extends keyof T ? (T[K] extends z.ZodType ? T[K] : never) : never;
export type Response<N extends RouteName> = z.output<Contract[N]['response']>;
/** The query as the server's handler sees it, after parsing. */
export type Query<N extends RouteName> = [Part<Contract[N], 'query'>] extends [never]
  ? undefined
  : z.output<Part<Contract[N], 'query'>>;
export type Body<N extends RouteName> = [Part<Contract[N], 'body'>] extends [never]
  ? undefined
  : z.output<Part<Contract[N], 'body'>>;
