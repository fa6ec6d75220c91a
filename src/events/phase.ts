import type { Clock } from './clock.ts';
import type { Event, Phase } from './events.ts';

export interface PhaseTeller<T> {
  readonly clock: Clock;
  readonly emit: (event: Event & { type: 'phase' }) => void;
  /** Text added to the duration at the end. */
  readonly detail?: (result: T) => string | undefined | void;
}

/** Runs the work and emits its start, and its end with the duration; rethrows errors. */
export async function inPhase<T>(
  phase: Phase,
  work: () => Promise<T>,
  { clock, emit, detail }: PhaseTeller<T>,
): Promise<T> {
  const began = clock.now();
  emit({ type: 'phase', phase, state: 'started' });
  try {
    const result = await work();
    const ms = clock.now() - began;
    const said = detail?.(result);
    emit({ type: 'phase', phase, state: 'done', ms, ...(said ? { detail: said } : {}) });
    return result;
  } catch (error) {
    emit({ type: 'phase', phase, state: 'failed', ms: clock.now() - began });
    throw error;
  }
}
