import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { fail, isMothershipError } from '#errors';
import { at, type Connection } from '../connection/connection.ts';
import { ulimitsJson } from '../containers/container-spec.ts';
import { jsonLines } from '../connection/json-lines.ts';
import type { Resources } from '../containers/containers.ts';
import type { BuildImageOptions } from './images.ts';
import { reasonOf } from '../connection/refusal.ts';

interface BuildJson {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly total?: number };
  readonly error?: string;
  readonly aux?: { readonly ID?: string };
}

const CPU_PERIOD_US = 100_000;

/** One build with the engine's classic builder (version 1), which does not need buildx. */
export class ImageBuild {
  readonly #options: BuildImageOptions;
  readonly #onLine: (line: string) => void;
  /** Unknown to the build, whose output could imitate the engine's. */
  readonly #mark = `mothership-build-${randomBytes(8).toString('hex')}`;
  #unfinished = '';
  #step = '';
  #imageId = '';

  constructor(options: BuildImageOptions, onLine: (line: string) => void) {
    this.#options = options;
    this.#onLine = onLine;
  }

  /** Returns the image's id. Aborting closes the connection, and the engine then kills the running step. */
  async run(engine: Connection, context: Readable): Promise<string> {
    const { signal } = this.#options;
    const call = {
      method: 'POST' as const,
      path: '/build',
      query: this.#query(),
      tar: context,
      action: `build ${this.#options.tag}`,
      signal,
    };
    try {
      for await (const message of jsonLines<BuildJson>(await engine.stream(call), call, engine.where))
        this.#take(message, engine);
    } catch (error) {
      // A Dockerfile that cannot be parsed is rejected before the first step.
      throw isMothershipError(error, 'ENGINE_FAILED')
        ? fail('DOCKERFILE_FAILED', { why: reasonOf(error) }, error)
        : error;
    }
    signal?.throwIfAborted();
    if (!this.#imageId) throw fail('DOCKERFILE_FAILED', { why: 'the engine did not produce an image' });
    return this.#imageId;
  }

  #take({ stream, status, id, progressDetail, error, aux }: BuildJson, engine: Connection): void {
    if (error) throw fail('DOCKERFILE_FAILED', { why: this.#step ? `${this.#step}: ${error}` : error });
    if (aux?.ID) this.#imageId = aux.ID;
    if (status && progressDetail?.total === undefined) this.#onLine(id ? `${id}: ${status}` : status);
    if (stream) this.#print(stream, engine);
  }

  #print(text: string, engine: Connection): void {
    const lines = (this.#unfinished + text).split('\n');
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) {
      if (/^Step \d+\/\d+ : /.test(line)) this.#step = line.trimEnd();
      const container = /^ ---> Running in ([0-9a-f]{12})\s*$/.exec(line)?.[1];
      if (container && this.#options.onStep)
        void this.#tellOfStep(container, this.#step, engine).catch(() => undefined);
      this.#onLine(line);
    }
  }

  /** Reports only containers with this build's mark. */
  async #tellOfStep(id: string, step: string, engine: Connection): Promise<void> {
    const found = await engine.call<{ Id: string; HostConfig: { ExtraHosts?: readonly string[] | null } }>({
      path: at`/containers/${id}/json`,
      action: `read container ${id}`,
    });
    if (found.HostConfig.ExtraHosts?.some((host) => host.startsWith(`${this.#mark}:`)))
      this.#options.onStep?.(found.Id, step);
  }

  #query(): Record<string, unknown> {
    const {
      tag,
      dockerfile,
      target,
      buildArgs,
      labels,
      limits,
      cpuShares,
      cgroupParent,
      network,
      noCache,
      onStep,
      pull,
      ulimits,
    } = this.#options;
    return {
      version: '1',
      t: tag,
      rm: true,
      forcerm: true,
      dockerfile,
      target,
      buildargs: buildArgs && JSON.stringify(buildArgs),
      labels: labels && JSON.stringify(labels),
      networkmode: network,
      nocache: noCache,
      cpushares: cpuShares,
      cgroupparent: cgroupParent,
      extrahosts: onStep && `${this.#mark}:127.0.0.1`,
      pull,
      ulimits: ulimits && JSON.stringify(ulimitsJson(ulimits)),
      ...limitsQuery(limits ?? {}),
    };
  }
}

/** The classic builder cannot limit the number of processes: see `onStep`. */
function limitsQuery(limits: Resources): Record<string, unknown> {
  return {
    ...(limits.memoryBytes ? { memory: limits.memoryBytes, memswap: limits.memoryBytes } : {}),
    ...(limits.cpus ? { cpuperiod: CPU_PERIOD_US, cpuquota: Math.round(limits.cpus * CPU_PERIOD_US) } : {}),
  };
}
