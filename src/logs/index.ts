export { AppLogs } from './app-logs.ts';
