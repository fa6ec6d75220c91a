import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseProcfile } from '../apps/procfile.ts';
import type { Engine } from '../engine/index.ts';
import { fail } from '../errors/index.ts';
import { inPhase, type Clock, type Event } from '../events/index.ts';
import type { BuildInput, BuildResult } from './build.ts';
import { BuildpackBuild } from './buildpack-build.ts';
import { DockerfileBuild } from './dockerfile-build.ts';
import { cacheVolume, KIND, label } from './labels.ts';
import { BuildOutput } from './output.ts';
import { SlugImage } from './slug-image.ts';
import { defaultSourceLimits, receiveSource, type Source } from './source.ts';

/** Files of the source that decide how it is built. */
const DECISIVE = ['Procfile', 'Dockerfile', '.dockerignore', '.slugignore'];

/** Turns source into an image: by buildpacks in a limited container, or from a Dockerfile by the engine. */
export class Builder {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #scratch: string;
  readonly #leftovers = new Set<Promise<void>>();

  /** `scratch`: a folder for sources while they are built; the system's own when missing. */
  constructor({ engine, clock, scratch }: { engine: Engine; clock: Clock; scratch?: string }) {
    this.#engine = engine;
    this.#clock = clock;
    this.#scratch = scratch ?? tmpdir();
  }

  /** Emits phases `build` and `image` and the build's output. Aborting `signal` kills the build and throws CANCELLED. */
  async build(input: BuildInput, emit: (event: Event) => void, signal: AbortSignal): Promise<BuildResult> {
    // A volume goes only when no container has it any more.
    if (input.clearCache) await this.settled();
    const folder = await mkdtemp(join(this.#scratch, 'mothership-source-'));
    try {
      const [source, { cpus }] = await Promise.all([this.#receive(input, folder, signal), this.#engine.info()]);
      const limits = { ...input.limits, cpus: Math.min(input.limits.cpus, cpus) };
      return await this.#run({ ...input, limits }, source, emit, signal);
    } catch (error) {
      throw signal.aborted ? fail('CANCELLED', { what: 'The build' }, error) : error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Removes what builds of an earlier life of this process left; call it when none runs. */
  async cleanUp(): Promise<void> {
    const containers = await this.#engine.containers({ [label.kind]: KIND.build });
    await Promise.all(containers.map((container) => this.#engine.removeContainer(container.id)));
  }

  /** Forgets what is kept for an app's next build: its cache and layers. Its images stay. */
  async forget(appId: string): Promise<void> {
    await new SlugImage(this.#engine, { app: { id: appId }, buildId: '', runImage: '' }).forget();
    await this.#engine.removeVolume(cacheVolume(appId));
  }

  /** Resolves when the containers of ended builds are gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#leftovers);
  }

  #receive({ archive, dockerfile }: BuildInput, folder: string, signal: AbortSignal): Promise<Source> {
    const wanted = [...DECISIVE, ...(dockerfile ? [plainPath(dockerfile)] : [])];
    return receiveSource(archive, join(folder, 'source.tar'), wanted, defaultSourceLimits, signal);
  }

  async #run(input: BuildInput, source: Source, emit: (event: Event) => void, signal: AbortSignal): Promise<BuildResult> {
    const parts = { engine: this.#engine, clock: this.#clock };
    const output = new BuildOutput((line) => emit({ type: 'output', source: 'build', line }));
    const phase = <T>(name: 'build' | 'image', work: () => Promise<T>): Promise<T> => inPhase(name, work, { clock: this.#clock, emit });
    const procfile = source.texts.get('Procfile');
    if (procfile !== undefined) parseProcfile(procfile);
    const dockerfile = dockerfileOf(input, source);
    if (dockerfile !== undefined) return new DockerfileBuild(parts, input, source, dockerfile).run(output, phase, signal);
    const build = new BuildpackBuild(parts, input, source);
    try {
      return await build.run(output, phase, signal);
    } finally {
      const leftover = build.settled().finally(() => this.#leftovers.delete(leftover));
      this.#leftovers.add(leftover);
    }
  }
}

/** Path of the Dockerfile to build; undefined for buildpacks. */
function dockerfileOf({ kind, dockerfile }: BuildInput, source: Source): string | undefined {
  if (dockerfile) return plainPath(dockerfile);
  if (kind === 'dockerfile' || (kind === 'auto' && source.texts.has('Dockerfile'))) return 'Dockerfile';
  return undefined;
}

function plainPath(path: string): string {
  return path.replace(/^(\.\/+)+/, '');
}
