import type { Clock } from './clock.ts';

interface Upkeep {
  readonly clock: Clock;
  /** The first round's delay; none by default. */
  readonly firstMs?: number;
  readonly everyMs: number;
  /** Pauses at least this many times as long as a round took; expensive rounds become rarer. */
  readonly restFactor?: number;
  /** Receives the error of a failed round; the next round runs anyway. */
  readonly failed: (error: unknown) => void;
}

/** Runs `round` repeatedly until the signal aborts. Never rejects. */
export async function keepUp(
  { clock, firstMs, everyMs, restFactor = 0, failed }: Upkeep,
  round: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const rest = (ms: number): Promise<void> => clock.sleep(ms, signal).catch(() => undefined);
  if (firstMs) await rest(firstMs);
  while (!signal.aborted) {
    const began = clock.now();
    await round().catch(failed);
    await rest(Math.max(everyMs, restFactor * (clock.now() - began)));
  }
}
