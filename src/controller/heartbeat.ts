import type { Clock } from '#events';

/** Calls `beat` until the signal aborts; proxies close silent connections. */
export async function heartbeat(clock: Clock, everyMs: number, signal: AbortSignal, beat: () => void): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(everyMs, signal);
      beat();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
