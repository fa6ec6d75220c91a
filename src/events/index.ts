export { keepUp } from './background-loop.ts';
export { systemClock, type Clock, isoNow } from './clock.ts';
export type { Event, NumberedEvent } from './events.ts';
export { lines } from './lines.ts';
export { retryWhile, waitUntil } from './wait-until.ts';
export { inPhase, type PhaseTeller } from './phase.ts';
export type { Host, Question } from './host.ts';
export { reveal, Secret, type Env } from './secret.ts';
export type { Logger } from './logger.ts';
