import type { Containers, Execs } from '#engine';
import type { Clock } from '#events';
import type { BuildLimits } from '../build.ts';
import type { Ending } from './ending.ts';
import { folderBytes, refusedProcesses } from './usage.ts';

const POLL_MS = 2000;

interface WatchedBuild {
  readonly container: string;
  /** Folder in the container where its cache is mounted: the engine does not count it as written by the container. */
  readonly cache: string;
  /** A program, with arguments, that can run `du` on all of it. */
  readonly measure: readonly string[];
  readonly limits: BuildLimits;
}

/** Measures the processes and the disk space of a running build. */
export class UsageWatch {
  readonly #engine: Containers & Execs;
  readonly #clock: Clock;
  /** Size of the cache at the last measurement. */
  #cacheBytes = 0;

  constructor(
    { engine, clock }: { engine: Containers & Execs; clock: Clock },
    private readonly build: WatchedBuild,
  ) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /**
   * The limit that the build reached; undefined when `signal` aborts first. Throws when the build cannot be measured
   * twice in a row: once may be because it is ending, which the engine does not report at once.
   */
  async exceeds(signal: AbortSignal): Promise<Ending | undefined> {
    let hasFailed = false;
    while (await this.#nextPoll(signal)) {
      try {
        const ending = await this.#look();
        if (ending) return ending;
        hasFailed = false;
      } catch (error) {
        if (signal.aborted || !(await this.#isRunning())) return undefined;
        if (hasFailed) throw error;
        hasFailed = true;
      }
    }
    return undefined;
  }

  /** Disk space of a build that has ended: its container, and its cache as it was last seen. */
  async usedBytes(): Promise<number> {
    const container = await this.#engine.container(this.build.container, { size: true });
    return (container?.writtenBytes ?? 0) + this.#cacheBytes;
  }

  async #look(): Promise<Ending | undefined> {
    const { container, cache, measure, limits } = this.build;
    if (await hasTooManyProcesses(this.#engine, container, limits)) return { by: 'processes' };
    this.#cacheBytes = await folderBytes(this.#engine, container, cache, measure);
    const usedBytes = await this.usedBytes();
    return usedBytes > limits.diskBytes ? { by: 'disk', usedBytes } : undefined;
  }

  async #isRunning(): Promise<boolean> {
    return (await this.#engine.container(this.build.container))?.running ?? false;
  }

  #nextPoll(signal: AbortSignal): Promise<boolean> {
    return this.#clock.sleep(POLL_MS, signal).then(
      () => true,
      () => false,
    );
  }
}

/**
 * Whether the kernel refused the container a process, or would refuse the next one: at its limit nothing can be started
 * in the container to read the kernel's counter.
 */
export async function hasTooManyProcesses(
  engine: Containers & Execs,
  container: string,
  { pids }: BuildLimits,
): Promise<boolean> {
  if (((await refusedProcesses(engine, container)) ?? 0) > 0) return true;
  return ((await engine.stats(container))?.processes ?? 0) >= pids;
}
