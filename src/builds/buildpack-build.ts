import type { Engine } from '../engine/index.ts';
import { fail } from '../errors/index.ts';
import type { Clock } from '../events/index.ts';
import type { BuildInput, BuildResult } from './build.ts';
import { BUILD_NETWORK, cacheVolume, KIND, label } from './labels.ts';
import { slugIgnore } from './ignore-file.ts';
import type { BuildOutput } from './output.ts';
import { processTypes } from './process-types.ts';
import { Sandbox } from './sandbox.ts';
import { parseLayers, SlugImage, type Slug } from './slug-image.ts';
import { sourceTar, type Source } from './source.ts';
import type { SmallFile } from './tar-files.ts';
import { verdictOn } from './verdict.ts';

const DRIVER_TEXT_LIMIT = 256 * 1024;
const CONFIG_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface BuildParts {
  readonly engine: Engine;
  readonly clock: Clock;
}

/** What a build in the sandbox came to. */
interface Built {
  readonly sandbox: Sandbox;
  readonly texts: ReadonlyMap<string, string>;
}

type Phase = <T>(name: 'build' | 'image', work: () => Promise<T>) => Promise<T>;

/** One build by buildpacks: source and config vars into a sandbox, the stack's driver in it, what it made onto the run image. */
export class BuildpackBuild {
  readonly #parts: BuildParts;
  readonly #input: BuildInput;
  readonly #source: Source;
  readonly #slugImage: SlugImage;
  readonly #leftovers: Promise<void>[] = [];

  constructor(parts: BuildParts, input: BuildInput, source: Source) {
    this.#parts = parts;
    this.#input = input;
    this.#source = source;
    this.#slugImage = new SlugImage(parts.engine, { app: input.app, buildId: input.id, runImage: input.stack.runImage });
  }

  async run(output: BuildOutput, phase: Phase, signal: AbortSignal): Promise<BuildResult> {
    await this.#prepare();
    const known = this.#input.clearCache ? Promise.resolve([]) : this.#slugImage.knownLayers();
    return await this.#attempt(known, output, phase, signal)
      // Somebody removed an image meanwhile: build everything.
      ?? await this.#attempt(Promise.resolve([]), output, phase, signal)
      ?? Promise.reject(fail('BUILD_FAILED', { what: 'it left out a part of the app', lines: [] }));
  }

  /** Containers that are not needed any more are gone when this resolves. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#leftovers);
    await this.#slugImage.settled();
  }

  async #attempt(known: Promise<readonly string[]>, output: BuildOutput, phase: Phase, signal: AbortSignal): Promise<BuildResult | undefined> {
    const [sandbox] = await Promise.all([Sandbox.create(this.#parts.engine, this.#parts.clock, this.#sandboxSpec()), known]);
    try {
      const texts = await phase('build', () => this.#build(sandbox, known, output, signal));
      signal.throwIfAborted();
      return await phase('image', () => this.#image({ sandbox, texts }));
    } finally {
      this.#leftovers.push(sandbox.remove().catch(() => undefined));
    }
  }

  async #prepare(): Promise<void> {
    const { engine } = this.#parts;
    const { app, clearCache } = this.#input;
    const volume = cacheVolume(app.id);
    if (clearCache) await engine.removeVolume(volume);
    await Promise.all([
      ensureBuildNetwork(engine),
      engine.createVolume({ name: volume, labels: { [label.kind]: KIND.cache, [label.app]: app.id } }),
    ]);
  }

  async #build(sandbox: Sandbox, known: Promise<readonly string[]>, output: BuildOutput, signal: AbortSignal): Promise<Built['texts']> {
    const slugignore = this.#source.texts.get('.slugignore');
    await sandbox.put('/build', sourceTar(this.#source, {
      prefix: 'app/',
      files: this.#controlFiles(await known),
      ...(slugignore === undefined ? {} : { leaveOut: slugIgnore(slugignore) }),
    }));
    const ending = await sandbox.run(output, signal);
    const texts = await sandbox.texts('/build/out', DRIVER_TEXT_LIMIT);
    const { root } = this.#source;
    const error = verdictOn({ ending, limits: this.#input.limits, output, texts, root });
    if (error) throw error;
    return texts;
  }

  async #image({ sandbox, texts }: Built): Promise<BuildResult | undefined> {
    const { app, id } = this.#input;
    const buildpacks = (texts.get('buildpacks') ?? '').split('\n').filter(Boolean);
    const types = processTypes(texts.get('Procfile'), texts.get('release.yml'));
    if (Object.keys(types).length === 0) throw fail('NO_PROCESS_TYPES', { buildpack: buildpacks.at(-1) ?? 'a buildpack' });
    const slug: Slug = {
      layers: parseLayers(texts.get('layers') ?? ''),
      layer: (name) => sandbox.archive(`/build/layer-${name}/app`),
      rest: () => sandbox.archive('/build/app'),
    };
    const tag = { repository: `mothership-app/${app.id}`, tag: id };
    const image = await this.#slugImage.make(slug, tag);
    if (!image) return undefined;
    const sizeBytes = (await this.#parts.engine.image(image))?.sizeBytes ?? 0;
    return { image, tag: `${tag.repository}:${tag.tag}`, sizeBytes, kind: 'buildpacks', buildpacks, processTypes: types };
  }

  /** Secrets go in as files of a container that is never committed: no environment, no command line, no layer has them. */
  #controlFiles(known: readonly string[]): SmallFile[] {
    const { buildpacks, config, caBundle } = this.#input;
    const vars = Object.entries(config).map(([key, content]) => {
      if (!CONFIG_KEY.test(key)) throw fail('CONFIG_KEY_INVALID', { key });
      return { name: `env/${key}`, content };
    });
    return [
      ...vars,
      { name: 'in/buildpacks', content: buildpacks.map((name) => `${name.replaceAll('\n', ' ')}\n`).join('') },
      { name: 'in/known-layers', content: known.map((line) => `${line}\n`).join('') },
      ...(caBundle ? [{ name: 'in/ca.pem', content: caBundle }] : []),
    ];
  }

  #sandboxSpec(): Parameters<typeof Sandbox.create>[2] {
    const { id, app, stack, limits, ref, npmRegistry } = this.#input;
    return {
      buildId: id,
      appId: app.id,
      image: stack.buildImage,
      limits,
      env: {
        STACK: stack.name,
        SOURCE_VERSION: ref ?? '',
        REQUEST_ID: id,
        HOME: '/app',
        ...(npmRegistry ? { MOTHERSHIP_NPM_REGISTRY: npmRegistry } : {}),
      },
    };
  }
}

/** Two builds may meet here: whoever comes second finds the network made. */
export async function ensureBuildNetwork(engine: Engine): Promise<void> {
  if (await engine.network(BUILD_NETWORK)) return;
  try {
    await engine.createNetwork({
      name: BUILD_NETWORK,
      driver: 'bridge',
      labels: { [label.kind]: KIND.network },
      options: { 'com.docker.network.bridge.enable_icc': 'false' },
    });
  } catch (error) {
    if (!(await engine.network(BUILD_NETWORK))) throw error;
  }
}
