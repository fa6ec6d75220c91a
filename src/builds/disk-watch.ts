import type { Engine } from '../engine/index.ts';
import type { Clock } from '../events/index.ts';
import { KIND, label } from './labels.ts';
import { BUILD_CPU_SHARES } from './node-limits.ts';

const POLL_MS = 2000;
/** Whatever the build takes away meanwhile. */
const MEASURE = 'while :; do chrt --idle 0 du -sk /cache; sleep 2; done 2> /dev/null';

export interface WatchedBuild {
  readonly buildId: string;
  readonly appId: string;
  readonly container: string;
  readonly volume: string;
  readonly image: string;
}

/** Measures what a build writes, from outside of it: its container's layer and, with a container beside it, its cache. */
export class DiskWatch {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #build: WatchedBuild;
  #cacheBytes = 0;

  constructor(engine: Engine, clock: Clock, build: WatchedBuild) {
    this.#engine = engine;
    this.#clock = clock;
    this.#build = build;
  }

  /**
   * Resolves with the bytes used once they are more than `limitBytes`; until then only when `signal` aborts, with 0. The
   * container that measures is gone by then, and with it its hold on the volume.
   */
  async exceeds(limitBytes: number, signal: AbortSignal): Promise<number> {
    const over = new AbortController();
    let meter: Promise<void> | undefined;
    try {
      while (await this.#nextPoll(signal)) {
        meter ??= this.#measureCache(AbortSignal.any([signal, over.signal])).catch(() => undefined);
        const container = await this.#engine.container(this.#build.container, { size: true });
        const used = (container?.writtenBytes ?? 0) + this.#cacheBytes;
        if (used > limitBytes) return used;
      }
      return 0;
    } finally {
      over.abort();
      await meter;
    }
  }

  #nextPoll(signal: AbortSignal): Promise<boolean> {
    return this.#clock.sleep(POLL_MS, signal).then(() => true, () => false);
  }

  /** Short builds end before this starts. */
  async #measureCache(signal: AbortSignal): Promise<void> {
    const { buildId, appId, volume, image } = this.#build;
    const id = await this.#engine.createContainer({
      image,
      labels: { [label.kind]: KIND.build, [label.build]: buildId, [label.app]: appId },
      entrypoint: ['/bin/bash', '-c', MEASURE],
      env: {},
      user: '0',
      capDrop: ['ALL'],
      capAdd: ['DAC_READ_SEARCH'],
      noNewPrivileges: true,
      limits: { memoryBytes: 64 * 1024 ** 2, pids: 16 },
      cpuShares: BUILD_CPU_SHARES,
      mounts: [{ type: 'volume', source: volume, target: '/cache', readOnly: true }],
      networks: [{ id: 'none' }],
    });
    try {
      await this.#engine.startContainer(id);
      for await (const { line } of this.#engine.containerLogs(id, { follow: true, signal })) {
        this.#cacheBytes = 1024 * (Number.parseInt(line, 10) || 0);
      }
    } finally {
      await this.#engine.removeContainer(id);
    }
  }
}
