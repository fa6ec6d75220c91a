export { RouterHub, type HubTimes, type RouterState, type WaitOptions } from './hub.ts';
export { CONTROLLER, planRouteTable, type RoutedApp, type RoutePlanInput } from './plan.ts';
export { parseReport } from './report.ts';
export type { Route, RouteRelease, RouterReport, RouteTable } from './table.ts';
