export { defaultBuildLimits, type BuildInput, type BuildLimits, type BuildResult } from './build.ts';
export { parseBuildArgs } from './build-args.ts';
export { changeBuildpacks, type BuildpackChange } from './buildpack-list.ts';
export { parseBuildpack } from './buildpack-reference.ts';
export { Builder } from './builder.ts';
export { receiveRooted, type SourceLayout } from './rooted-source.ts';
export { sourceDigest, type SourceFile } from './source-digest.ts';
export { defaultSourceLimits } from './source-limits.ts';
export { SourceStore, type OfferedSource } from './source-store.ts';
export { changeSettings, limitsFrom, type BuildSettingsChange } from './settings.ts';
export { Relay } from './relay.ts';
export { cacheLimit, observeCaches, planEviction, type BuildCache } from './cache-plan.ts';
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
} from './queue-plan.ts';
