import type { Readable } from 'node:stream';
import { runInContainer, unheard, type ContainerSpec, type Engine, type Ulimit } from '../../engine/index.ts';
import type { Clock, Env } from '../../events/index.ts';
import type { BuildGuard } from '../build-guard.ts';
import { fileBytes, type BuildLimits } from '../build.ts';
import { DiskWatch } from './disk-watch.ts';
import { BUILD_NETWORK, cacheVolume, KIND, label } from '../labels.ts';
import { BUILD_CPU_SHARES } from './node-limits.ts';
import { readLines, type BuildOutput } from './output.ts';
import { textsOf } from '../source/tar-files.ts';

/** What every build of a node works with. */
export interface BuildParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly guard: BuildGuard;
}

export interface SandboxSpec {
  readonly buildId: string;
  readonly appId: string;
  readonly image: string;
  readonly env: Env;
  readonly limits: BuildLimits;
}

/** How a build's container ended. */
export type Ending =
  | { readonly by: 'itself'; readonly exitCode: number; readonly oomKilled: boolean }
  | { readonly by: 'time' }
  | { readonly by: 'processes' | 'file' }
  | { readonly by: 'disk'; readonly usedBytes: number };

const DROP_LARGE_FILES = ['find', '/build/app', '/tmp', '-xdev', '-type', 'f', '-size', '+16M', '-delete'];
const DROP_MS = 2000;

/** The container in which somebody's code runs during a build: nothing of the platform can be reached from it. */
export class Sandbox {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #guard: BuildGuard;
  readonly #spec: SandboxSpec;
  readonly #id: string;

  private constructor({ engine, clock, guard }: BuildParts, spec: SandboxSpec, id: string) {
    this.#engine = engine;
    this.#clock = clock;
    this.#guard = guard;
    this.#spec = spec;
    this.#id = id;
  }

  /** The network and the app's cache volume have to exist. */
  static async create(parts: BuildParts, spec: SandboxSpec): Promise<Sandbox> {
    return new Sandbox(parts, spec, await parts.engine.createContainer(containerSpec(spec)));
  }

  put(path: string, tar: Readable): Promise<void> {
    return this.#engine.putArchive(this.#id, path, tar);
  }

  /**
   * Runs it until it says that it is done, ends or meets a limit. Rejects with the signal's reason when that aborts,
   * with the container killed.
   */
  async run(output: BuildOutput, signal: AbortSignal): Promise<Ending> {
    const { stdout, stderr, close } = await this.#engine.attachContainer(this.#id, { tty: false, stdin: false });
    let sayDone: () => void = () => undefined;
    const done = new Promise<Ending>((resolve) => {
      sayDone = () => resolve({ by: 'itself', exitCode: 0, oomKilled: false });
    });
    const reading = Promise.all([readLines(stdout, output.line, sayDone), readLines(stderr, output.line)]).catch(
      () => undefined,
    );
    await this.#engine.startContainer(this.#id);
    const over = new AbortController();
    const limit = this.#limits(output, AbortSignal.any([signal, over.signal]));
    try {
      const ending = await Promise.race([done, this.#ended(reading), limit]);
      if (ending?.by !== 'itself') await this.#kill(close, ending);
      signal.throwIfAborted();
      return ending ?? (await this.#ended(reading));
    } finally {
      over.abort();
    }
  }

  /** Small text files directly in a folder, by name. */
  async texts(path: string, limit: number): Promise<ReadonlyMap<string, string>> {
    return textsOf(await this.archive(path), limit);
  }

  archive(path: string): Promise<Readable> {
    return this.#engine.getArchive(this.#id, path);
  }

  remove(): Promise<void> {
    return this.#engine.removeContainer(this.#id);
  }

  /** Who meets a limit may say so a thousand times a second: it is not heard any more. */
  async #kill(close: () => void, ending: Ending | undefined): Promise<void> {
    close();
    if (ending?.by === 'disk' || ending?.by === 'file') await this.#dropLargeFiles();
    await this.#engine.killContainer(this.#id);
  }

  /** At a container's end the kernel takes to disk what it wrote, though nobody wants it: seconds for all others that use the disk. What is gone before is not. */
  async #dropLargeFiles(): Promise<void> {
    const dropped = runInContainer(this.#engine, this.#id, { command: DROP_LARGE_FILES, read: unheard }).catch(
      () => undefined,
    );
    const over = new AbortController();
    await Promise.race([dropped, this.#clock.sleep(DROP_MS, over.signal).catch(() => undefined)]);
    over.abort();
  }

  /** With all that it wrote heard. */
  async #ended(reading: Promise<unknown>): Promise<Ending> {
    const exitCode = await this.#engine.waitContainer(this.#id);
    await reading;
    const container = await this.#engine.container(this.#id);
    return { by: 'itself', exitCode, oomKilled: container?.oomKilled ?? false };
  }

  /** The first limit that is hit; undefined when `signal` aborts before. */
  #limits(output: BuildOutput, signal: AbortSignal): Promise<Ending | undefined> {
    const { limits, appId } = this.#spec;
    const watch = new DiskWatch({ engine: this.#engine, clock: this.#clock, guard: this.#guard });
    const exceeded = watch.exceeds(limits.diskBytes, { container: this.#id, volume: cacheVolume(appId) }, signal);
    return Promise.race([
      this.#clock.sleep(limits.seconds * 1000, signal).then(
        () => ({ by: 'time' }) as const,
        () => undefined,
      ),
      exceeded.then((usedBytes) => (usedBytes > 0 ? ({ by: 'disk', usedBytes } as const) : undefined)),
      output.limitMet.then((by) => ({ by })),
    ]);
  }
}

/** Whoever writes one file beyond its limit is ended by the kernel, without anybody measuring. */
export function fileUlimits(limits: BuildLimits): Ulimit[] {
  const most = fileBytes(limits);
  return [{ name: 'fsize', soft: most, hard: most }];
}

function containerSpec({ buildId, appId, image, env, limits }: SandboxSpec): ContainerSpec {
  return {
    image,
    labels: { [label.kind]: KIND.build, [label.build]: buildId, [label.app]: appId },
    env,
    user: 'app',
    networks: [{ id: BUILD_NETWORK }],
    mounts: [{ type: 'volume', source: cacheVolume(appId), target: '/build/cache' }],
    limits,
    capDrop: ['ALL'],
    noNewPrivileges: true,
    ulimits: fileUlimits(limits),
    // Apps that serve go before builds, for memory and for processor time.
    oomScoreAdj: 500,
    cpuShares: BUILD_CPU_SHARES,
    ...(limits.cgroup ? { cgroupParent: limits.cgroup } : {}),
    // Each line would be written to disk once more, in the engine's own name.
    unlogged: true,
  };
}
