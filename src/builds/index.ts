export { defaultBuildLimits, type BuildInput, type BuildLimits, type BuildResult } from './build.ts';
export { Builder } from './builder.ts';
