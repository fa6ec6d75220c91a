export { contract, type Body, type Query, type Response, type RouteSchemas } from './contract.ts';
export { routes, type Access, type RouteInfo, type RouteName } from './routes.ts';
export type { App, AppErrors, Domain, ProcessFormation } from './schemas/apps.ts';
export type { BuildSettings } from './schemas/build-settings.ts';
export type { Buildpack } from './schemas/buildpacks.ts';
export type { Joining, Node, NodeDetails, NodeUpdated } from './schemas/nodes.ts';
export type { Account, ClusterInfo, Operation, OperationEvent, Token } from './schemas/operations.ts';
export type { Exec, ListedRun, LogEntry, Run, Task } from './schemas/ps.ts';
export type { Build, CachePurged, Release, SourceOffered, Stack } from './schemas/releases.ts';
