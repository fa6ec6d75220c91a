export { formatRouterLine, parseRouterLine, type RouterLogLine } from './access-log.ts';
export { RouterHub } from './hub.ts';
export { planRouteTable, type RoutedApp } from './route-plan.ts';
export type { RouterReport, RouteTable } from './table.ts';
