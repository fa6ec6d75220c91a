export { appNetwork, generationId, sameGeneration, serviceName } from './generation.ts';
export { judge, whyEnded, type Verdict } from './judge.ts';
export { LiveRoutes } from './live-routes.ts';
export { generationsOf, observeServices, observeTasks, parseGeneration } from './observe-services.ts';
export { planRollout, planService, type RolloutInput, type RolloutPlan } from './rollout-plan.ts';
export { Readiness, tcpProbe, type Probe } from './readiness.ts';
export { removeGeneration, retireGeneration } from './retire.ts';
export { Rollout, type RolloutPorts } from './rollout.ts';
