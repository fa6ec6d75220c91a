export { AppLogs, type AppLogLine, type LogRequest } from './app-logs.ts';
export { merge, type Merged } from './merge.ts';
export { routerLineOf } from './router-lines.ts';
