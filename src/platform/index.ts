export { createPlatform, type PlatformOptions, type RunningPlatform } from './create.ts';
export type { Logger } from '../operations/operations.ts';
export type { BuildRequest, Caller, Platform, RunSession } from './platform.ts';
