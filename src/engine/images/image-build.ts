import type { Readable } from 'node:stream';
import { fail, isMothershipError } from '#errors';
import type { Connection } from '../connection/connection.ts';
import { jsonLines } from '../connection/json-lines.ts';
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

/** One build with the engine's classic builder (version 1), which does not need buildx. */
export class ImageBuild {
  readonly #options: BuildImageOptions;
  readonly #onLine: (line: string) => void;
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
        this.#take(message);
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

  #take({ stream, status, id, progressDetail, error, aux }: BuildJson): void {
    if (error) throw fail('DOCKERFILE_FAILED', { why: this.#step ? `${this.#step}: ${error}` : error });
    if (aux?.ID) this.#imageId = aux.ID;
    if (status && progressDetail?.total === undefined) this.#onLine(id ? `${id}: ${status}` : status);
    if (stream) this.#print(stream);
  }

  #print(text: string): void {
    const lines = (this.#unfinished + text).split('\n');
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) {
      if (/^Step \d+\/\d+ : /.test(line)) this.#step = line.trimEnd();
      this.#onLine(line);
    }
  }

  #query(): Record<string, unknown> {
    const { tag, dockerfile, target, buildArgs, labels } = this.#options;
    return {
      version: '1',
      t: tag,
      rm: true,
      forcerm: true,
      dockerfile,
      target,
      buildargs: buildArgs && JSON.stringify(buildArgs),
      labels: labels && JSON.stringify(labels),
    };
  }
}
