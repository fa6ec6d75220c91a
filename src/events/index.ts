export { keepUp, type Upkeep } from './background-loop.ts';
export { systemClock, type Clock, isoNow } from './clock.ts';
export type { Event, NumberedEvent, Phase } from './events.ts';
export { lines, type LineOptions } from './lines.ts';
export { retryWhile, waitUntil, type Pace } from './wait-until.ts';
export { inPhase, type PhaseTeller } from './phase.ts';
export type { Host, Question } from './host.ts';
export { reveal, Secret, type Env } from './secret.ts';
export type { Logger } from './logger.ts';
