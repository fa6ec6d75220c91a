export type { Route, RouteRelease, RouterReport, RouteTable } from './table.ts';
