import { KIND, label } from '#labels.ts';
import type { SourceReader } from '../source/source-reader.ts';
import { newContainerName } from '#ownership.ts';
import type { Resolve } from '#registry/allowed/addresses.ts';
import type { Readable } from 'node:stream';
import { runInContainer, type ContainerSpec, type Engine } from '#engine';
import { fail, isMothershipError } from '#errors';
import type { Clock, Env } from '#events';
import type { BuildLimits } from '../build.ts';
import { BUILD_NETWORK } from '../build-names.ts';
import type { Ending } from './ending.ts';
import { BUILD_CPU_SHARES } from './node-limits.ts';
import { readLines, type BuildOutput } from './output.ts';
import { textsOf } from '../source/tar-files.ts';
import { UsageWatch } from './usage-watch.ts';

/** Dependencies of every build on a node. */
export interface BuildParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly reader: SourceReader;
  /** Looks up names of registries and servers. */
  readonly resolve: Resolve;
  /** Folder with the files of the box in which Dockerfiles are built. */
  readonly box: string;
}

interface SandboxSpec {
  readonly buildId: string;
  readonly appId: string;
  readonly image: string;
  readonly env: Env;
  readonly limits: BuildLimits;
  /** Volume of the app's cache. */
  readonly cache: string;
  /**
   * For programs that make user namespaces: a seccomp profile that lets them. Their `newuidmap` is given the two
   * capabilities by its file, which no-new-privileges would prevent.
   */
  readonly namespaces?: {
    readonly seccomp: string;
    /** A program, with arguments, that runs another one in such a namespace. */
    readonly enter: readonly string[];
  };
}

export const CACHE_FOLDER = '/build/cache';
const MAX_WORDS = 20;

/** The container in which untrusted code runs during a build, isolated from the platform. */
export class Sandbox {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #usage: UsageWatch;

  private constructor(
    { engine, clock }: BuildParts,
    private readonly spec: SandboxSpec,
    private readonly id: string,
  ) {
    this.#engine = engine;
    this.#clock = clock;
    // Files of other users can be measured only in such a namespace.
    const measure = spec.namespaces?.enter ?? [];
    const watched = { container: id, cache: CACHE_FOLDER, measure, limits: spec.limits };
    this.#usage = new UsageWatch({ engine, clock }, watched);
  }

  /** The network and the app's cache volume must exist. */
  static async create(parts: BuildParts, spec: SandboxSpec): Promise<Sandbox> {
    return new Sandbox(parts, spec, await parts.engine.createContainer(containerSpec(spec)));
  }

  put(path: string, tar: Readable): Promise<void> {
    return this.#engine.putArchive(this.id, path, tar);
  }

  /**
   * Runs until the driver is done, the container exits, or a limit is exceeded. If `signal` aborts, kills the container
   * and rejects with its reason. Throws BUILD_FAILED if disk usage cannot be measured.
   */
  async run(output: BuildOutput, signal: AbortSignal): Promise<Ending> {
    const { stdout, stderr, close } = await this.#engine.attachContainer(this.id, { tty: false, stdin: false });
    let sayDone: () => void = () => undefined;
    const done = new Promise<Ending>((resolve) => {
      sayDone = () => resolve({ by: 'itself', exitCode: 0, oomKilled: false });
    });
    const reading = Promise.all([readLines(stdout, output.line, sayDone), readLines(stderr, output.line)]).catch(
      () => undefined,
    );
    await this.#engine.startContainer(this.id);
    const over = new AbortController();
    const limit = this.#limits(output, AbortSignal.any([signal, over.signal]));
    try {
      const ending = await Promise.race([done, this.#ended(reading), limit]);
      if (ending?.by !== 'itself') await this.#kill(close);
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
    return this.#engine.getArchive(this.id, path);
  }

  /** Runs a program in the running container. Throws BUILD_FAILED with its last words. */
  async exec(command: readonly string[]): Promise<void> {
    const words: string[] = [];
    const read = (stream: Readable): Promise<void> =>
      readLines(stream, (line) => void (words.length < MAX_WORDS && words.push(line)));
    const { exitCode } = await runInContainer(this.#engine, this.id, { command, read });
    if (exitCode !== 0)
      throw fail('BUILD_FAILED', { what: `${command[0]} ended with exit code ${exitCode}`, lines: words });
  }

  /** Whether there is such a path, also before it runs. */
  async has(path: string): Promise<boolean> {
    const found = await this.archive(path).catch((error: unknown) => {
      if (isMothershipError(error, 'ENGINE_FAILED')) return undefined;
      throw error;
    });
    found?.destroy();
    return found !== undefined;
  }

  remove(): Promise<void> {
    return this.#engine.removeContainer(this.id);
  }

  /** Stops reading first: a build that reached a limit may print thousands of lines about it. */
  async #kill(close: () => void): Promise<void> {
    close();
    await this.#engine.killContainer(this.id);
  }

  /**
   * Resolves after its last line was read. A program killed for a file above the disk limit counts as exceeding the
   * disk limit.
   */
  async #ended(reading: Promise<unknown>): Promise<Ending> {
    const exitCode = await this.#engine.waitContainer(this.id);
    await reading;
    const oomKilled = (await this.#engine.container(this.id))?.oomKilled ?? false;
    const usedBytes = exitCode === 0 || oomKilled ? 0 : await this.#usage.usedBytes();
    if (usedBytes >= this.spec.limits.diskBytes) return { by: 'disk', usedBytes };
    return { by: 'itself', exitCode, oomKilled };
  }

  /** Resolves with the first exceeded limit, or undefined if `signal` aborts first. */
  #limits(output: BuildOutput, signal: AbortSignal): Promise<Ending | undefined> {
    const late = this.#clock.sleep(this.spec.limits.seconds * 1000, signal).then(
      () => ({ by: 'time' }) as const,
      () => undefined,
    );
    const reached = Promise.race([
      late,
      this.#usage.exceeds(signal),
      output.exceeded.then(() => ({ by: 'output' }) as const),
    ]);
    // Ignored once the build has ended.
    reached.catch(() => undefined);
    return reached;
  }
}

function containerSpec({ buildId, appId, image, env, limits, cache, namespaces }: SandboxSpec): ContainerSpec {
  return {
    name: newContainerName(KIND.build),
    image,
    labels: { [label.kind]: KIND.build, [label.build]: buildId, [label.app]: appId },
    env,
    user: 'app',
    networks: [{ id: BUILD_NETWORK }],
    mounts: [{ type: 'volume', source: cache, target: CACHE_FOLDER }],
    limits,
    capDrop: ['ALL'],
    ...(namespaces
      ? { capAdd: ['SETUID', 'SETGID'], profiles: { seccomp: namespaces.seccomp, apparmor: 'unconfined' } }
      : { noNewPrivileges: true }),
    // The kernel kills a program that writes a larger file, between two measurements.
    ulimits: [{ name: 'fsize', soft: limits.diskBytes, hard: limits.diskBytes }],
    // Apps take precedence over builds for memory and processor time.
    oomScoreAdj: 500,
    cpuShares: BUILD_CPU_SHARES,
    ...(limits.cgroup ? { cgroupParent: limits.cgroup } : {}),
    // The controller keeps the output; the engine would write it to disk a second time.
    unlogged: true,
  };
}
