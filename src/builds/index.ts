export type { BuildInput, BuildResult } from './build.ts';
export { changeBuildpacks } from './buildpacks/buildpack-list.ts';
export { parseBuildpack } from './buildpacks/buildpack-reference.ts';
export { Builder } from './builder.ts';
export { SourceStore } from './source/source-store.ts';
export { changeSettings, limitsFrom, type BuildSettingsChange } from './settings.ts';
export { Relay } from './image/rebase.ts';
export { cacheLimit, observeCaches, planEviction } from './cache/cache-plan.ts';
export {
  buildSlots,
  planBuilds,
  waitingFor,
  type BegunBuild,
  type BuilderNode,
  type WaitingBuild,
} from './queue/queue-plan.ts';
