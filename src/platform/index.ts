export type { BuildRequest, Caller, Platform, RunSession } from './platform.ts';
