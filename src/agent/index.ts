export { nodeReport, type NodeReport } from './node-report.ts';
