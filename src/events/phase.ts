import type { Clock } from './clock.ts';
import type { Event, Phase } from './events.ts';

export interface PhaseTeller<T> {
  readonly clock: Clock;
  readonly emit: (event: Event & { type: 'phase' }) => void;
  /** What its end says beside the time. */
  readonly detail?: (result: T) => string | undefined | void;
}

/** Does the work and tells of its start, and of its end with how long it took; what it throws goes on. */
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
