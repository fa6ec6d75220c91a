export { AppLogs, type LogRequest } from './app-logs.ts';
export type { AppLogLine, LogNodes } from './log-source.ts';
export { merge, type Merged } from './merge.ts';
export { routerLineOf } from './router-lines.ts';
