export { formatRouterLine, parseRouterLine, type RouterLogLine } from './access-log.ts';
export { RouterHub, type HubTimes, type RouterState, type WaitOptions } from './hub.ts';
export { CONTROLLER, planRouteTable, type RoutedApp, type RoutePlanInput } from './route-plan.ts';
export type { Route, RouteRelease, RouterReport, RouteTable } from './table.ts';
