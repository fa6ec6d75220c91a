import type { Clock } from '../events/index.ts';

export interface Upkeep {
  readonly clock: Clock;
  readonly firstMs: number;
  readonly everyMs: number;
  /** Called with the error of a failed round; the loop continues. */
  readonly failed: (error: unknown) => void;
}

/** Runs `round` repeatedly until the signal aborts, starting after the first interval. */
export async function keepUp(
  { clock, firstMs, everyMs, failed }: Upkeep,
  round: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let pause = firstMs; ; pause = everyMs) {
    await clock.sleep(pause, signal).catch(() => undefined);
    if (signal.aborted) return;
    await round().catch(failed);
  }
}
