import type { Readable } from 'node:stream';
import type { ContainerSpec, Engine } from '../engine/index.ts';
import type { Clock, Env } from '../events/index.ts';
import type { BuildLimits } from './build.ts';
import { DiskWatch } from './disk-watch.ts';
import { BUILD_NETWORK, cacheVolume, KIND, label } from './labels.ts';
import { readLines, type BuildOutput } from './output.ts';
import { textsOf } from './tar-files.ts';

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
  | { readonly by: 'processes' }
  | { readonly by: 'disk'; readonly usedBytes: number };

/** Shells wait longer before each new try, so there are few of them in a minute. */
const FORK_FAILURES = 3;

/** The container in which somebody's code runs during a build: nothing of the platform can be reached from it. */
export class Sandbox {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #spec: SandboxSpec;
  readonly #id: string;

  private constructor(engine: Engine, clock: Clock, spec: SandboxSpec, id: string) {
    this.#engine = engine;
    this.#clock = clock;
    this.#spec = spec;
    this.#id = id;
  }

  /** The network and the app's cache volume have to exist. */
  static async create(engine: Engine, clock: Clock, spec: SandboxSpec): Promise<Sandbox> {
    return new Sandbox(engine, clock, spec, await engine.createContainer(containerSpec(spec)));
  }

  put(path: string, tar: Readable): Promise<void> {
    return this.#engine.putArchive(this.#id, path, tar);
  }

  /** Runs it to its end or to the first limit. Rejects with the signal's reason when that aborts, with the container killed. */
  async run(output: BuildOutput, signal: AbortSignal): Promise<Ending> {
    const { stdout, stderr } = await this.#engine.attachContainer(this.#id, { tty: false, stdin: false });
    const reading = Promise.all([readLines(stdout, output.line), readLines(stderr, output.line)]).catch(() => undefined);
    await this.#engine.startContainer(this.#id);
    const over = new AbortController();
    const ended = this.#engine.waitContainer(this.#id);
    ended.catch(() => undefined);
    try {
      const limit = await Promise.race([ended.then(() => undefined), this.#limits(output, AbortSignal.any([signal, over.signal]))]);
      if (limit || signal.aborted) await this.#engine.killContainer(this.#id);
      signal.throwIfAborted();
      const exitCode = await ended;
      await reading;
      return limit ?? { by: 'itself', exitCode, oomKilled: await this.#oomKilled() };
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

  async remove(): Promise<void> {
    await this.#engine.removeContainer(this.#id);
  }

  async #oomKilled(): Promise<boolean> {
    return (await this.#engine.container(this.#id))?.oomKilled ?? false;
  }

  /** The first limit that is hit; undefined when `signal` aborts before. */
  #limits(output: BuildOutput, signal: AbortSignal): Promise<Ending | undefined> {
    const { limits, buildId, appId, image } = this.#spec;
    const watch = new DiskWatch(this.#engine, this.#clock, {
      buildId, appId, image, container: this.#id, volume: cacheVolume(appId),
    });
    return Promise.race([
      this.#clock.sleep(limits.seconds * 1000, signal).then(() => ({ by: 'time' }) as const, () => undefined),
      watch.exceeds(limits.diskBytes, signal).then((usedBytes) => (usedBytes > 0 ? { by: 'disk', usedBytes } as const : undefined)),
      output.forksFailed(FORK_FAILURES).then(() => ({ by: 'processes' }) as const),
    ]);
  }
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
    ulimits: [{ name: 'fsize', soft: limits.diskBytes, hard: limits.diskBytes }],
    // Apps that serve go before builds, for memory and for processor time.
    oomScoreAdj: 500,
    cpuShares: 256,
  };
}
