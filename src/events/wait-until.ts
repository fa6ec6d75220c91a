import type { Clock } from './clock.ts';

/** How often to look and for how long, in milliseconds. */
interface Pace {
  readonly every: number;
  readonly within: number;
  readonly signal?: AbortSignal | undefined;
}

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

/**
 * Resolves with the first truthy answer of `probe`, or with undefined once `within` is over; the probe runs at least
 * once. Rejects with the probe's error, and with the signal's reason when it aborts during a pause.
 */
export async function waitUntil<T>(
  clock: Clock,
  { every, within, signal }: Pace,
  probe: () => Promise<T>,
): Promise<Truthy<T> | undefined> {
  for (const deadline = clock.now() + within; ; await clock.sleep(every, signal)) {
    const answer = await probe();
    if (answer) return answer as Truthy<T>;
    if (clock.now() >= deadline) return undefined;
  }
}

/** Repeats `work` while it fails with an error that `mayPass`. Rejects with the last error once `within` is over. */
export async function retryWhile<T>(
  clock: Clock,
  { every, within, signal }: Pace,
  mayPass: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  for (const deadline = clock.now() + within; ; await clock.sleep(every, signal)) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || clock.now() >= deadline) throw error;
    }
  }
}
