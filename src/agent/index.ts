export { createAgent, type AgentOptions } from './agent.ts';
export { nodeReport, type NodeReport } from './node-report.ts';
