import { KIND, label } from '#labels.ts';
import { formerContainers, ownContainers } from '#ownership.ts';
import { randomBytes } from 'node:crypto';
import { parseProcfile } from '#apps/procfile.ts';
import { endContainer, type Engine } from '#engine';
import { systemResolve, type Resolve } from '#registry/allowed/addresses.ts';
import { fail } from '#errors';
import { inPhase, type Clock, type Event } from '#events';
import { dockerfileOf, planBuild } from './buildpacks/build-plan.ts';
import type { BuildInput, BuildResult } from './build.ts';
import { BuildpackBuild } from './buildpacks/buildpack-build.ts';
import { BuildpackRun } from './buildpacks/buildpack-run.ts';
import { discoveredTypes } from './buildpacks/process-types.ts';
import { testByBuildpacks } from './buildpacks/buildpack-test.ts';
import { DockerfileBuild } from './dockerfile/dockerfile-build.ts';
import { cacheVolume, layersVolume, testApp } from './build-names.ts';
import { limitsOn } from './sandbox/node-limits.ts';
import { BuildOutput } from './sandbox/output.ts';
import type { BuildParts } from './sandbox/sandbox.ts';
import { sourceReader, type SourceReader } from './source/source-reader.ts';
import { LAYER_TIME } from './image/reproducible-tar.ts';
import { SlugImage } from './image/slug-image.ts';

/** Kind of the container that versions up to 0.1 ran while builds ran. */
const OLD_GUARD = 'build-guard';

type BuilderParts = Pick<BuildParts, 'engine' | 'clock'> & Partial<Pick<BuildParts, 'reader' | 'resolve' | 'box'>>;

/** Builds an image from source: by buildpacks in a limited container, or from a Dockerfile by buildah in another. */
export class Builder {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #reader: SourceReader;
  readonly #resolve: Resolve;
  readonly #box: string;
  readonly #leftovers = new Set<Promise<void>>();

  /** `box`: folder with the files of the box in which Dockerfiles are built; without it, there are no such builds. */
  constructor({ engine, clock, reader = sourceReader, resolve = systemResolve, box = '' }: BuilderParts) {
    this.#engine = engine;
    this.#clock = clock;
    this.#reader = reader;
    this.#resolve = resolve;
    this.#box = box;
  }

  /**
   * Builds. Emits the phases `build` and `image` and the build's output. If `signal` aborts, kills the build and throws
   * CANCELLED.
   */
  async build(input: BuildInput, emit: (event: Event) => void, signal: AbortSignal): Promise<BuildResult> {
    // A volume can only be removed when no container uses it.
    if (input.clearCache) await this.settled();
    return this.#limited(input, signal, (limited) => this.#run(limited, emit, signal));
  }

  /** Builds for testing with a separate cache and runs the tests. Returns their exit code. Emits like `build`. */
  async test(input: BuildInput, emit: (event: Event) => void, signal: AbortSignal): Promise<number> {
    const { id, name } = input.app;
    return this.#limited({ ...input, app: { id: testApp(id), name } }, signal, (limited) => {
      const plan = planBuild({ ...limited, test: true }, input.source.texts, newSecret);
      const run = new BuildpackRun(this.#parts(), { input: limited, plan, test: true });
      return inPhase('test', () => testByBuildpacks(run, outputOf(limited, emit), signal), {
        clock: this.#clock,
        emit,
      });
    });
  }

  /** Removes leftovers of an earlier process. Call it while no build is running. */
  async cleanUp(): Promise<void> {
    const engine = this.#engine;
    const [builds, formerBuilds, formerGuards] = await Promise.all([
      ownContainers(engine, { [label.kind]: KIND.build }),
      formerContainers(engine, { [label.kind]: KIND.build }),
      formerContainers(engine, { [label.kind]: OLD_GUARD }),
    ]);
    await Promise.all([
      ...[...builds, ...formerBuilds].map(({ id }) => engine.removeContainer(id)),
      // Before it ends, it restores the kernel setting that it changed.
      ...formerGuards.map(({ id }) => endContainer(engine, id)),
    ]);
  }

  /** Deletes an app's cache and cached layers. Its images stay. */
  async forget(appId: string): Promise<void> {
    await new SlugImage(this.#engine, { app: { id: appId }, buildId: '', runImage: '', modified: LAYER_TIME }).forget();
    for (const volume of [cacheVolume(appId), cacheVolume(testApp(appId)), layersVolume(appId)])
      await this.#engine.removeVolume(volume);
  }

  /** Resolves when the containers of finished builds are removed. */
  async settled(): Promise<void> {
    await Promise.all(this.#leftovers);
  }

  async #limited<T>(input: BuildInput, signal: AbortSignal, work: (input: BuildInput) => Promise<T>): Promise<T> {
    try {
      const limits = limitsOn(await this.#engine.info(), input.limits);
      signal.throwIfAborted();
      return await work({ ...input, limits });
    } catch (error) {
      throw signal.aborted ? fail('CANCELLED', { what: 'The build' }, error) : error;
    }
  }

  #parts(): BuildParts {
    return {
      engine: this.#engine,
      clock: this.#clock,
      reader: this.#reader,
      resolve: this.#resolve,
      box: this.#box,
    };
  }

  async #run(input: BuildInput, emit: (event: Event) => void, signal: AbortSignal): Promise<BuildResult> {
    const { texts } = input.source;
    const parts = this.#parts();
    const output = outputOf(input, emit);
    const phase = <T>(name: 'build' | 'image', work: () => Promise<T>): Promise<T> =>
      inPhase(name, work, { clock: this.#clock, emit });
    const declared = parseProcfile(texts.get('Procfile') ?? '');
    const dockerfile = dockerfileOf(input, texts);
    const plan = planBuild({ ...input, byDockerfile: dockerfile !== undefined }, texts, newSecret);
    for (const message of plan.notices) emit({ type: 'notice', level: 'warning', message });
    const build =
      dockerfile === undefined
        ? new BuildpackBuild(parts, input, new BuildpackRun(parts, { input, plan }))
        : new DockerfileBuild(parts, input, dockerfile);
    const result = await this.#settling(build, output, phase, signal);
    for (const line of discoveredTypes(Object.keys(declared), Object.keys(result.processTypes))) output.line(line);
    return { ...result, ...(plan.setup ? { setup: plan.setup } : {}) };
  }

  async #settling(
    build: BuildpackBuild | DockerfileBuild,
    ...rest: Parameters<BuildpackBuild['run']>
  ): Promise<BuildResult> {
    try {
      return await build.run(...rest);
    } finally {
      const leftover = build.settled().finally(() => this.#leftovers.delete(leftover));
      this.#leftovers.add(leftover);
    }
  }
}

function outputOf({ limits }: BuildInput, emit: (event: Event) => void): BuildOutput {
  return new BuildOutput((line) => emit({ type: 'output', source: 'build', line }), limits.outputBytes);
}

/** As long as Heroku's generated secrets. */
function newSecret(): string {
  return randomBytes(32).toString('hex');
}
