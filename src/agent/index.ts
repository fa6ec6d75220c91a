export type { IsolationState } from './isolation.ts';
export { nodeReport, type NodeReport } from './node-report.ts';
