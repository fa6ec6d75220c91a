export { AppLogs, type AppLogLine, type LogRequest } from './app-logs.ts';
export { merge, type Merged } from './merge.ts';
export { isRouterLineOf, routerLine } from './router-lines.ts';
