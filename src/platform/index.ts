export { createPlatform, type PlatformOptions, type RunningPlatform } from './create.ts';
export type { Caller } from '#access/caller.ts';
export type { BuildRequest } from '#builds/build-request.ts';
export type { Logger } from '#events';
export type { RunSession } from '#processes/run-session.ts';
export type { Platform } from './platform.ts';
