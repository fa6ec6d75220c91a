export { bootDeadline } from './boot-deadline.ts';
export { appNetwork, isOfGeneration, sameGeneration } from './generation.ts';
export { whyEnded } from './judge.ts';
export { LiveRoutes } from './live-routes.ts';
export { generationsOf, observeGeneration, observeServices, observeTasks } from './observe-services.ts';
export { planRollout, reservedMemory } from './rollout-plan.ts';
export { Readiness, tcpProbe, type Answer, type Probe } from './readiness.ts';
export { removeGeneration, retireGeneration } from './retire.ts';
export { Rollout } from './rollout.ts';
