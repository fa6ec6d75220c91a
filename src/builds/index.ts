export { defaultBuildLimits, type BuildInput, type BuildLimits, type BuildResult } from './build.ts';
export { parseBuildArgs } from './dockerfile/build-args.ts';
export { changeBuildpacks, type BuildpackChange } from './buildpacks/buildpack-list.ts';
export { parseBuildpack } from './buildpacks/buildpack-reference.ts';
export { Builder } from './builder.ts';
export { SourceStore, type OfferedSource } from './source/source-store.ts';
export { changeSettings, limitsFrom, type BuildSettingsChange } from './settings.ts';
export { Relay } from './image/rebase.ts';
export { cacheLimit, observeCaches, planEviction, type BuildCache } from './cache/cache-plan.ts';
export {
  buildSlots,
  planBuilds,
  queueOrder,
  waitingFor,
  type BegunBuild,
  type BuilderNode,
  type BuildStart,
  type ObservedQueue,
  type WaitingBuild,
} from './queue/queue-plan.ts';
