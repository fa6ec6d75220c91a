import type { Engine } from '../../engine/index.ts';
import type { Clock } from '../../events/index.ts';
import type { BuildGuard } from '../build-guard.ts';

const POLL_MS = 2000;

/** Measures what a build writes, from outside of it: its container's layer and its cache. */
export class DiskWatch {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #guard: BuildGuard;

  constructor({ engine, clock, guard }: { engine: Engine; clock: Clock; guard: BuildGuard }) {
    this.#engine = engine;
    this.#clock = clock;
    this.#guard = guard;
  }

  /** Resolves with the bytes used once they are more than `limitBytes`; until then only when `signal` aborts, with 0. */
  async exceeds(
    limitBytes: number,
    build: { container: string; volume: string },
    signal: AbortSignal,
  ): Promise<number> {
    const cache = this.#guard.measure(build.volume);
    try {
      while (await this.#nextPoll(signal)) {
        const container = await this.#engine.container(build.container, { size: true });
        const used = (container?.writtenBytes ?? 0) + cache.bytes();
        if (used > limitBytes) return used;
      }
      return 0;
    } finally {
      cache.end();
    }
  }

  #nextPoll(signal: AbortSignal): Promise<boolean> {
    return this.#clock.sleep(POLL_MS, signal).then(
      () => true,
      () => false,
    );
  }
}
