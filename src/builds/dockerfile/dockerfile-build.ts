import { KIND, label } from '#labels.ts';
import { mapHeaders, packTar, readTar } from '#archive';
import { parseProcfile } from '#apps/procfile.ts';
import { inMegabytes } from '#values/size.ts';
import type { ImageInfo } from '#engine';
import { fail, isMothershipError } from '#errors';
import type { BuildInput, BuildResult } from '../build.ts';
import { ensureBuildNetwork } from '../buildpacks/buildpack-run.ts';
import { checkBeforeBuild } from './before-build.ts';
import { layersVolume } from '../build-names.ts';
import { imageRepository } from '../image/app-images.ts';
import { imageArchive, knownLayers } from '../image/image-archive.ts';
import { verdictOn, wall } from '../sandbox/build-failure.ts';
import type { BuildOutput } from '../sandbox/output.ts';
import { CACHE_FOLDER, Sandbox, type BuildParts } from '../sandbox/sandbox.ts';
import { selectSource } from '../source/source-reader.ts';
import { tarOf } from '../source/tar-files.ts';
import { ensureBoxImage, readBox } from './box-image.ts';
import { boxInput, type StackImage } from './box-input.ts';
import { builtImage, type BuiltImage } from './image-config.ts';

type Phase = <T>(name: 'build' | 'image', work: () => Promise<T>) => Promise<T>;

const DRIVER_TEXT_LIMIT = 1024 * 1024;
const EXPORT = '/mothership/export-layers';

/** One Dockerfile build: buildah without root, in a container that is limited like any build's. */
export class DockerfileBuild {
  #sandbox: Sandbox | undefined;

  constructor(
    private readonly parts: BuildParts,
    private readonly input: BuildInput,
    private readonly dockerfile: string,
  ) {}

  async run(output: BuildOutput, phase: Phase, signal: AbortSignal): Promise<BuildResult> {
    const { texts } = this.input.source;
    const declared = parseProcfile(texts.get('Procfile') ?? '');
    const hasTypes = Object.keys(declared).length > 0;
    const text = texts.get(this.dockerfile);
    if (text === undefined) throw fail('DOCKERFILE_MISSING', { path: this.dockerfile });
    await checkBeforeBuild(text, this.input, this.parts.resolve);
    await phase('build', () => this.#build(text, output, signal));
    signal.throwIfAborted();
    const image = await phase('image', () => this.#image({ needsCommand: !hasTypes }));
    return { ...image, kind: 'dockerfile', buildpacks: [], processTypes: hasTypes ? declared : { web: null } };
  }

  /** Removes its container. */
  async settled(): Promise<void> {
    await this.#sandbox?.remove().catch(() => undefined);
  }

  async #build(text: string, output: BuildOutput, signal: AbortSignal): Promise<void> {
    const { limits, source } = this.input;
    const { files, stackImages } = boxInput(this.input, text);
    const sandbox = await this.#createSandbox(output, signal);
    await sandbox.put('/build/in', tarOf(files));
    for (const image of stackImages) await this.#bring(sandbox, image);
    await sandbox.put('/build/context', await this.#context());
    const ending = await sandbox.run(output, signal);
    const texts = await sandbox.texts('/build/out', DRIVER_TEXT_LIMIT);
    const error = verdictOn({ ending, limits, output, texts, root: source.root });
    if (error) throw isMothershipError(error, 'BUILD_FAILED') ? this.#failure(output, error) : error;
  }

  async #createSandbox(output: BuildOutput, signal: AbortSignal): Promise<Sandbox> {
    const { engine, box: folder } = this.parts;
    const { id, app, stack, limits, clearCache } = this.input;
    const { recipe, seccomp } = await readBox(folder, stack.buildImage);
    const volume = layersVolume(app.id);
    if (clearCache) await engine.removeVolume(volume);
    await Promise.all([
      ensureBoxImage(recipe, { engine, onLine: output.line, signal }),
      ensureBuildNetwork(engine),
      engine.createVolume({ name: volume, labels: { [label.kind]: KIND.cache, [label.app]: `${app.id}.layers` } }),
    ]);
    this.#sandbox = await Sandbox.create(this.parts, {
      buildId: id,
      appId: app.id,
      image: recipe.tag,
      limits,
      cache: volume,
      namespaces: { seccomp, enter: ['buildah', 'unshare'] },
      env: {},
    });
    return this.#sandbox;
  }

  /**
   * The engine's image goes into the app's storage once; the driver leaves a mark there. After a build that was killed
   * it goes there again, because the driver may have to start with an empty storage.
   */
  async #bring(sandbox: Sandbox, { image, name }: StackImage): Promise<void> {
    const [isThere, isUnfinished] = await Promise.all(
      [name, 'unfinished'].map((file) => sandbox.has(`${CACHE_FOLDER}/${file}`)),
    );
    if (isThere && !isUnfinished) return;
    const saved = await this.parts.engine.saveImages([image]);
    const placed = mapHeaders(readTar(saved), (header) => ({ ...header, name: `images/${name}/${header.name}` }));
    await sandbox.put('/build/in', packTar(placed));
  }

  /** What the Dockerfile's own ignore file leaves out, or else `.dockerignore`. */
  #context(): ReturnType<typeof selectSource> {
    const { source } = this.input;
    const name = [`${this.dockerfile}.dockerignore`, '.dockerignore'].find((file) => source.texts.has(file));
    const dockerignore = name === undefined ? undefined : { name, text: source.texts.get(name)! };
    return selectSource(this.parts.reader, source, { dockerignore });
  }

  /** Takes the image out of the container, where everything is the app's: only layers that the engine lacks. */
  async #image({ needsCommand }: { needsCommand: boolean }): Promise<Pick<BuildResult, 'image' | 'tag' | 'sizeBytes'>> {
    const { engine } = this.parts;
    const { app, id, source } = this.input;
    const texts = await this.#sandbox!.texts('/build/out', DRIVER_TEXT_LIMIT);
    const built = builtImage(texts.get('image.json') ?? '', { app: app.id, created: source.modified });
    if (needsCommand && built.command.length === 0) throw fail('DOCKERFILE_NO_COMMAND', {});
    const tag = `${imageRepository(app.id)}:${id}`;
    const known = knownLayers(built.layers, await this.#ownImages());
    await this.#load(built, { tag, known }).catch((error: unknown) => {
      // An engine with containerd's store wants the whole image.
      if (known === 0 || !isMothershipError(error, 'ENGINE_FAILED')) throw error;
      return this.#load(built, { tag, known: 0 });
    });
    const image = await engine.image(tag);
    if (!image) throw fail('BUILD_FAILED', { what: 'the engine did not load its image', lines: [] });
    return { image: image.id, tag, sizeBytes: image.sizeBytes };
  }

  /** Never another app's: a build could name the layers of an image that it has not seen. */
  async #ownImages(): Promise<ImageInfo[]> {
    const { engine } = this.parts;
    const { app, stack } = this.input;
    const lists = await Promise.all([
      engine.images({ [label.kind]: KIND.image, [label.app]: app.id }),
      ...[stack.runImage, stack.buildImage].map(async (image) => [await engine.image(image)]),
    ]);
    return lists.flat().filter((image) => image !== undefined);
  }

  async #load(built: BuiltImage, { tag, known }: { tag: string; known: number }): Promise<void> {
    await this.#sandbox!.exec([EXPORT, String(known)]);
    const contents = await this.#sandbox!.archive('/build/out/layers');
    const tar = imageArchive({ ...built, tag, known }, contents, this.input.limits.diskBytes);
    let fault: unknown;
    tar.once('error', (error) => (fault = error));
    await this.parts.engine.loadImages(tar).catch((error: unknown) => {
      throw fault ?? error;
    });
  }

  /** The last words of buildah: `Error: building at STEP "RUN make": while running runtime: exit status 2`. */
  #failure({ tail }: BuildOutput, cause: Error): Error {
    const said = tail.findLast((line) => line.startsWith('Error: ')) ?? tail.at(-1) ?? 'it printed nothing';
    const disk = inMegabytes(this.input.limits.diskBytes);
    if (/: exit status 153$|signal: file size limit exceeded/.test(said))
      return fail('BUILD_KILLED', { why: `it wrote a file larger than its ${disk} disk space` }, cause);
    const why = said.replace(/^Error: (building at STEP )?/, '').replace('while running runtime: ', '');
    return fail('DOCKERFILE_FAILED', { why: `${why.replace(/\.$/, '')}${wall(tail)}` }, cause);
  }
}
