import type { Clock } from '../events/index.ts';

export interface Upkeep {
  readonly clock: Clock;
  readonly firstMs: number;
  readonly everyMs: number;
  /** Hears why a round failed; the next one comes all the same. */
  readonly failed: (error: unknown) => void;
}

/** Does `round` now and then until the signal; a controller that has just started has other things to do first. */
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
