import { fail } from '#errors';
import type { BuildInput, BuildResult } from '../build.ts';
import type { BuildpackRun, DriverTexts } from './buildpack-run.ts';
import type { BuildOutput } from '../sandbox/output.ts';
import { defaultsScript, parseRelease, processTypes, type BuildpackRelease } from './process-types.ts';
import type { BuildParts, Sandbox } from '../sandbox/sandbox.ts';
import { imageRepository } from '../image/app-images.ts';
import { parseLayers, SlugImage, type Slug } from '../image/slug-image.ts';
import { tarOf } from '../source/tar-files.ts';

type Phase = <T>(name: 'build' | 'image', work: () => Promise<T>) => Promise<T>;

/** One build with buildpacks: runs the stack's driver in a sandbox and commits the result onto the run image. */
export class BuildpackBuild {
  readonly #run: BuildpackRun;
  readonly #slugImage: SlugImage;
  readonly #leftovers: Promise<void>[] = [];

  constructor(
    private readonly parts: BuildParts,
    private readonly input: BuildInput,
    run: BuildpackRun,
  ) {
    this.#run = run;
    const {
      app,
      id,
      stack: { runImage },
    } = input;
    this.#slugImage = new SlugImage(parts.engine, { app, buildId: id, runImage, modified: run.modified });
  }

  async run(output: BuildOutput, phase: Phase, signal: AbortSignal): Promise<BuildResult> {
    await this.#run.prepare();
    const known = this.input.clearCache ? Promise.resolve([]) : this.#slugImage.knownLayers();
    return (
      (await this.#attempt(known, output, phase, signal)) ??
      // An image was removed meanwhile: build everything.
      (await this.#attempt(Promise.resolve([]), output, phase, signal)) ??
      Promise.reject(fail('BUILD_FAILED', { what: 'it did not return a part of the app', lines: [] }))
    );
  }

  /** Resolves when containers that are no longer needed are removed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#leftovers);
    await this.#slugImage.settled();
  }

  async #attempt(
    known: Promise<readonly string[]>,
    output: BuildOutput,
    phase: Phase,
    signal: AbortSignal,
  ): Promise<BuildResult | undefined> {
    const [sandbox] = await Promise.all([this.#run.sandbox(), known]);
    try {
      const texts = await phase('build', async () => this.#run.drive(sandbox, await known, output, signal));
      signal.throwIfAborted();
      return await phase('image', () => this.#image(sandbox, texts, output));
    } finally {
      this.#leftovers.push(sandbox.remove().catch(() => undefined));
    }
  }

  async #image(sandbox: Sandbox, texts: DriverTexts, output: BuildOutput): Promise<BuildResult | undefined> {
    const { app, id } = this.input;
    const buildpacks = (texts.get('buildpacks') ?? '').split('\n').filter(Boolean);
    const release = parseRelease(texts.get('release.yml'));
    const types = processTypes(texts.get('Procfile'), release);
    if (Object.keys(types).length === 0)
      throw fail('NO_PROCESS_TYPES', { buildpack: buildpacks.at(-1) ?? 'a buildpack' });
    await applyRelease(sandbox, release, output);
    const slug: Slug = {
      layers: parseLayers(texts.get('layers') ?? ''),
      layer: (name) => sandbox.archive(`/build/layer-${name}/app`),
      rest: () => sandbox.archive('/build/app'),
    };
    const tag = { repository: imageRepository(app.id), tag: id };
    const image = await this.#slugImage.make(slug, tag);
    if (!image) return undefined;
    const sizeBytes = (await this.parts.engine.image(image))?.sizeBytes ?? 0;
    return {
      image,
      tag: `${tag.repository}:${tag.tag}`,
      sizeBytes,
      kind: 'buildpacks',
      buildpacks,
      processTypes: types,
    };
  }
}

/** Applies the config vars of `bin/release`. The script's name sorts it before those of buildpacks. */
async function applyRelease(
  sandbox: Sandbox,
  { configVars, addons }: BuildpackRelease,
  output: BuildOutput,
): Promise<void> {
  const script = defaultsScript(configVars);
  if (script) await sandbox.put('/build', tarOf([{ name: 'app/.profile.d/000-release.sh', content: script }]));
  if (addons.length > 0)
    output.line(`Ignoring add-ons suggested by the buildpack, which are not available here: ${addons.join(', ')}`);
}
