export type { Caller } from '#access/caller.ts';
export type { RunSession } from '#processes/sessions/run-session.ts';
export type { Platform } from './platform.ts';
