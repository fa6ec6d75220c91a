import { KIND, label } from '#labels.ts';
import type { Networks } from '#engine';
import { BUILD_BRIDGE } from '#nodes';
import type { BuildInput } from '../build.ts';
import type { BuildPlan } from './build-plan.ts';
import { controlFiles } from './buildpack-files.ts';
import { BUILD_NETWORK, cacheVolume, OLD_BUILD_NETWORK } from '../build-names.ts';
import type { BuildOutput } from '../sandbox/output.ts';
import { Sandbox, type BuildParts } from '../sandbox/sandbox.ts';
import { selectSource } from '../source/source-reader.ts';
import { tarOf } from '../source/tar-files.ts';
import { verdictOn } from '../sandbox/build-failure.ts';

const DRIVER_TEXT_LIMIT = 256 * 1024;

/** Files left by the stack's driver, by name. */
export type DriverTexts = ReadonlyMap<string, string>;

/** Runs the stack's driver in a sandbox with source and config vars, and reads its results. */
export class BuildpackRun {
  readonly #input: BuildInput;
  readonly #plan: BuildPlan;
  readonly #test: boolean;

  /** `test`: runs the app's tests instead of creating a slug. */
  constructor(
    private readonly parts: BuildParts,
    { input, plan, test }: { input: BuildInput; plan: BuildPlan; test?: boolean },
  ) {
    this.#input = input;
    this.#plan = plan;
    this.#test = test ?? false;
  }

  /** Time of the newest source file. */
  get modified(): Date {
    return this.#input.source.modified;
  }

  /** Creates the network and cache volume that sandboxes need. */
  async prepare(): Promise<void> {
    const { engine } = this.parts;
    const { app, clearCache } = this.#input;
    const volume = cacheVolume(app.id);
    if (clearCache) await engine.removeVolume(volume);
    await Promise.all([
      ensureBuildNetwork(engine),
      engine.createVolume({ name: volume, labels: { [label.kind]: KIND.cache, [label.app]: app.id } }),
    ]);
  }

  sandbox(): Promise<Sandbox> {
    const { id, app, stack, limits, ref, npmRegistry } = this.#input;
    return Sandbox.create(this.parts, {
      buildId: id,
      appId: app.id,
      image: stack.buildImage,
      limits,
      cache: cacheVolume(app.id),
      env: {
        STACK: stack.name,
        SOURCE_VERSION: ref ?? '',
        REQUEST_ID: id,
        SOURCE_DATE_EPOCH: String(Math.floor(this.modified.getTime() / 1000)),
        HOME: '/app',
        ...(npmRegistry ? { MOTHERSHIP_NPM_REGISTRY: npmRegistry } : {}),
      },
    });
  }

  /** Runs the driver to its end and throws its error. `knownLayers`: "NAME KEY" of existing layers. */
  async drive(
    sandbox: Sandbox,
    knownLayers: readonly string[],
    output: BuildOutput,
    signal: AbortSignal,
  ): Promise<DriverTexts> {
    const { caBundle, limits } = this.#input;
    const { buildpacksFrom } = this.#plan;
    if (buildpacksFrom) output.line(`-----> Using buildpacks from ${buildpacksFrom}`);
    const slugignore = this.#input.source.texts.get('.slugignore');
    await sandbox.put('/build', tarOf(controlFiles({ plan: this.#plan, knownLayers, caBundle, test: this.#test })));
    await sandbox.put('/build/app', await selectSource(this.parts.reader, this.#input.source, { slugignore }));
    const ending = await sandbox.run(output, signal);
    const texts = await sandbox.texts('/build/out', DRIVER_TEXT_LIMIT);
    const error = verdictOn({ ending, limits, output, texts, root: this.#input.source.root });
    if (error) throw error;
    return texts;
  }
}

/** Concurrent builds may both try: the second finds the network. */
export async function ensureBuildNetwork(engine: Networks): Promise<void> {
  if (await engine.network(BUILD_NETWORK)) return;
  try {
    await engine.createNetwork({
      name: BUILD_NETWORK,
      driver: 'bridge',
      labels: { [label.kind]: KIND.buildNetwork },
      options: {
        'com.docker.network.bridge.name': BUILD_BRIDGE,
        'com.docker.network.bridge.enable_icc': 'false',
      },
    });
    await engine.removeNetwork(OLD_BUILD_NETWORK).catch(() => undefined);
  } catch (error) {
    if (!(await engine.network(BUILD_NETWORK))) throw error;
  }
}
