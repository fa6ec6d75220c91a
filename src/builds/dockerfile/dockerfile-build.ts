import type { Readable } from 'node:stream';
import { KIND, label } from '#labels.ts';
import { parseProcfile } from '#apps/procfile.ts';
import { inMegabytes } from '#values/size.ts';
import { fail, fromBody, isMothershipError } from '#errors';
import type { BuildInput, BuildResult } from '../build.ts';
import { ensureBuildNetwork } from '../buildpacks/buildpack-run.ts';
import { asWritten, translateDockerfile, type Translated } from './dockerfile-dialect.ts';
import { declaredArgs } from './dockerfile.ts';
import { checkBeforeBuild } from './before-build.ts';
import { BUILD_NETWORK } from '../build-names.ts';
import { imageRepository } from '../image/app-images.ts';
import { BUILD_CPU_SHARES } from '../sandbox/node-limits.ts';
import type { BuildOutput } from '../sandbox/output.ts';
import { cleanLine } from '../sandbox/output.ts';
import { fileUlimits, type BuildParts } from '../sandbox/sandbox.ts';
import { selectSource } from '../source/source-reader.ts';
import { StepWatch } from './step-watch.ts';
import { killedBy, wall } from '../sandbox/build-failure.ts';

const TRANSLATED = '.mothership.Dockerfile';
const SIGKILL = 9;
const SIGXFSZ = 25;

/** One Dockerfile build by the engine. */
export class DockerfileBuild {
  constructor(
    private readonly parts: BuildParts,
    private readonly input: BuildInput,
    private readonly dockerfile: string,
  ) {}

  async run(
    output: BuildOutput,
    phase: <T>(name: 'build', work: () => Promise<T>) => Promise<T>,
    signal: AbortSignal,
  ): Promise<BuildResult> {
    const { texts } = this.input.source;
    const declared = parseProcfile(texts.get('Procfile') ?? '');
    const processTypes = Object.keys(declared).length > 0 ? declared : { web: null };
    const text = texts.get(this.dockerfile);
    if (text === undefined) throw fail('DOCKERFILE_MISSING', { path: this.dockerfile });
    await checkBeforeBuild(text, this.input, this.parts.resolve);
    await ensureBuildNetwork(this.parts.engine);
    const tag = `${imageRepository(this.input.app.id)}:${this.input.id}`;
    const image = await phase('build', () => this.#build(tag, output, signal));
    const sizeBytes = (await this.parts.engine.image(image))?.sizeBytes ?? 0;
    return { image, tag, sizeBytes, kind: 'dockerfile', buildpacks: [], processTypes };
  }

  async #build(tag: string, output: BuildOutput, signal: AbortSignal): Promise<string> {
    const { limits, platformEnv } = this.input;
    const config = { ...platformEnv, ...this.input.config };
    const translated = translateDockerfile(this.input.source.texts.get(this.dockerfile) ?? '');
    if (translated.refused) throw fail('DOCKERFILE_NEEDS_BUILDKIT', { instruction: translated.refused });
    translated.notices.forEach(output.line);
    const watch = new StepWatch(this.parts.engine, this.parts.clock, {
      limits,
      config,
      secretSteps: translated.secretSteps,
    });
    const stop = new AbortController();
    const over = new AbortController();
    let reason: unknown;
    void this.#limit(watch, output, over.signal).then((error) => {
      reason = error;
      if (error) stop.abort();
    });
    try {
      return await this.#make(tag, translated, { watch, output, signal: AbortSignal.any([signal, stop.signal]) });
    } catch (error) {
      signal.throwIfAborted();
      throw reason ?? this.#judged(error, translated, output);
    } finally {
      over.abort();
    }
  }

  async #make(
    tag: string,
    translated: Translated,
    { watch, output, signal }: { watch: StepWatch; output: BuildOutput; signal: AbortSignal },
  ): Promise<string> {
    const { limits, clearCache, target } = this.input;
    return this.parts.engine.buildImage(
      await this.#context(translated.text),
      {
        tag,
        dockerfile: translated.text === undefined ? this.dockerfile : TRANSLATED,
        ...(target ? { target } : {}),
        buildArgs: this.#buildArgs(),
        // The classic builder would run a step for each label.
        labels: { [label.kind]: KIND.image },
        limits: { memoryBytes: limits.memoryBytes, cpus: limits.cpus },
        cpuShares: BUILD_CPU_SHARES,
        ...(limits.cgroup ? { cgroupParent: limits.cgroup } : {}),
        ulimits: fileUlimits(limits),
        network: BUILD_NETWORK,
        signal,
        onStep: watch.step,
        ...(clearCache ? { noCache: true } : {}),
      },
      (line) => output.line(cleanLine(asWritten(line, translated))),
    );
  }

  /** Resolves with the error of the first exceeded limit, or undefined if `signal` aborts first. */
  #limit(watch: StepWatch, output: BuildOutput, signal: AbortSignal): Promise<unknown> {
    const { limits } = this.input;
    const late = this.parts.clock.sleep(limits.seconds * 1000, signal).then(
      () => ({ by: 'time' }) as const,
      () => undefined,
    );
    return Promise.race([late, watch.exceeds(output, signal)]).then(
      (ending) => ending && killedBy(ending, limits),
      (error: unknown) => error,
    );
  }

  /** The engine only reports the exit code of a failed step's command. */
  #judged(error: unknown, translated: Translated, output: BuildOutput): unknown {
    if (!isMothershipError(error, 'DOCKERFILE_FAILED')) return error;
    const [memory, disk] = [this.input.limits.memoryBytes, this.input.limits.diskBytes].map(inMegabytes);
    const endedBy = (signal: number): boolean => error.message.endsWith(`returned a non-zero code: ${128 + signal}.`);
    if (endedBy(SIGXFSZ))
      return fail('BUILD_KILLED', { why: `it wrote a file larger than its ${disk} disk space` }, error);
    if (endedBy(SIGKILL)) {
      return fail(
        'BUILD_KILLED',
        { why: `a step was killed, most likely for exceeding its memory limit of ${memory}` },
        error,
      );
    }
    const message = asWritten(error.message, translated).replace(/\.$/, '');
    return fromBody({ ...error.toJSON(), message: `${message}${wall(output.tail)}.` }, error.status);
  }

  /**
   * Adds a translated Dockerfile the way Docker's client adds one from stdin: ignored, so that COPY does not include
   * it.
   */
  #context(translated: string | undefined): Promise<Readable> {
    const { source } = this.input;
    const text = source.texts.get('.dockerignore');
    const dockerignore = text === undefined ? undefined : { text, dockerfile: this.dockerfile };
    const ignored = [text ?? '.dockerignore', TRANSLATED, ''].join('\n');
    const added = translated !== undefined && {
      without: ['.dockerignore', TRANSLATED],
      files: [
        { name: TRANSLATED, content: translated },
        { name: '.dockerignore', content: ignored },
      ],
    };
    return selectSource(this.parts.reader, source, { dockerignore, ...added });
  }

  /** The user's build args, plus variables for all builds and the stack's images if the Dockerfile declares them. */
  #buildArgs(): Record<string, string> {
    const { stack, ref, buildArgs, platformEnv } = this.input;
    const all = {
      ...platformEnv,
      MOTHERSHIP_RUN_IMAGE: stack.runImage,
      MOTHERSHIP_BUILD_IMAGE: stack.buildImage,
      SOURCE_VERSION: ref ?? '',
    };
    const declared = declaredArgs(this.input.source.texts.get(this.dockerfile) ?? '');
    const asked = Object.entries(all).filter(([name]) => declared.has(name));
    return { ...Object.fromEntries(asked), ...buildArgs };
  }
}
