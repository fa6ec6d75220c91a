import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import type {
  BuildImageOptions,
  ImageConfig,
  ImageInfo,
  LabelFilter,
  Labels,
  PushedImage,
  RegistryAuth,
} from '../../src/engine/index.ts';
import { splitReference } from '../../src/engine/images/references.ts';
import { fail } from '../../src/errors/index.ts';
import { carries, type FakeRaft } from './fake-engine-raft.ts';

/** What a build does of its own: lines to print, or the step's failure as `error`. */
export type Builder = (
  context: ReadonlyMap<string, Buffer>,
  options: BuildImageOptions,
  dockerfile: string | undefined,
) => { lines: string[]; error?: string; image?: Partial<ImageInfo> };

type ArchiveManifest = readonly [
  { readonly Config: string; readonly RepoTags: readonly string[]; readonly Layers: readonly string[] },
];

interface ArchiveConfig {
  readonly rootfs: { readonly diff_ids: readonly string[] };
  readonly config: {
    readonly Labels?: Labels;
    readonly ExposedPorts?: object;
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly User?: string;
  };
}

const SAVED = 'saved.json';

/** A registry as an engine sees it. */
export interface RemoteImages {
  covers(reference: string): boolean;
  pull(reference: string, auth: RegistryAuth | undefined): Partial<ImageInfo> | undefined;
  /** What it took, or its words why it did not. */
  push(reference: string, image: ImageInfo, auth: RegistryAuth): PushedImage | string;
  /** Its message when it refuses a login. */
  refuses?(auth: RegistryAuth): string | undefined;
}

export class FakeImages {
  readonly #raft: FakeRaft;
  readonly #byId = new Map<string, ImageInfo>();
  readonly #registry = new Map<string, Partial<ImageInfo>>();
  /** Of an app's Dockerfile. Instead of the built-in one, which prints its steps and fails at `RUN false`. */
  builder: Builder = dockerfileBuilder;
  /** Of images that the platform builds by the engine. */
  platformBuilder: Builder = dockerfileBuilder;
  /** What `builder` said of an image that a box hands over, by its tag. */
  readonly handedOver = new Map<string, Partial<ImageInfo>>();
  /** A registry that images are pushed to. */
  remote?: RemoteImages;

  constructor(raft: FakeRaft) {
    this.#raft = raft;
  }

  /** What `pullImage` finds. */
  publish(reference: string, image: Partial<ImageInfo> = {}): void {
    this.#registry.set(fullTag(reference), image);
  }

  /** Under a tag, or as the engine keeps what is pulled by its digest. */
  add(reference: string, image: Partial<ImageInfo> = {}): string {
    const id = image.id ?? `sha256:${this.#raft.hexId()}`;
    this.#byId.set(id, {
      ...{
        id,
        tags: this.get(id)?.tags ?? [],
        labels: {},
        sizeBytes: 1000,
        createdAt: this.#raft.timestamp(),
        layers: [digest(id)],
      },
      ...{ exposedPorts: [], entrypoint: [], command: [], user: '' },
      ...image,
    });
    this.tag(id, reference);
    return id;
  }

  list(filter: LabelFilter): ImageInfo[] {
    return [...this.#byId.values()].filter((image) => carries(image.labels, filter));
  }

  get(reference: string): ImageInfo | undefined {
    return this.#byId.get(reference) ?? [...this.#byId.values()].find(({ tags }) => tags.includes(fullTag(reference)));
  }

  tag(reference: string, tag: string): void {
    const image = this.get(reference);
    if (!image)
      throw fail('ENGINE_FAILED', { action: `tag ${reference} as ${tag}`, why: `No such image: ${reference}` });
    const name = fullTag(tag);
    for (const each of this.#byId.values())
      this.#byId.set(each.id, { ...each, tags: each.tags.filter((other) => other !== name) });
    this.#byId.set(image.id, { ...image, tags: [...image.tags.filter((other) => other !== name), name] });
    this.#raft.emit('image', 'tag', image);
  }

  remove(reference: string): void {
    const image = this.get(reference);
    if (!image) return;
    if (reference === image.id && new Set(image.tags.map((tag) => splitReference(tag).name)).size > 1)
      throw fail('ENGINE_FAILED', {
        action: `remove image ${reference}`,
        why: `conflict: unable to delete ${reference} (must be forced) - image is referenced in multiple repositories`,
      });
    const tags = reference === image.id ? [] : image.tags.filter((tag) => tag !== fullTag(reference));
    if (tags.length > 0) this.#byId.set(image.id, { ...image, tags });
    else this.#byId.delete(image.id);
  }

  pull(reference: string, onLine: (line: string) => void, auth?: RegistryAuth): void {
    const image = this.remote?.covers(reference)
      ? this.remote.pull(reference, auth)
      : this.#registry.get(fullTag(reference));
    if (!image)
      throw fail('IMAGE_UNAVAILABLE', {
        image: reference,
        why: `pull access denied for ${reference}, repository does not exist`,
      });
    onLine(`Pulling from ${splitReference(reference).name}`);
    this.add(reference, image);
  }

  checkLogin(server: string, auth: RegistryAuth): void {
    const why = this.remote ? this.remote.refuses?.(auth) : 'dial tcp: connection refused';
    if (why) throw fail('REGISTRY_REFUSED', { where: server, action: `let ${auth.user} in`, why });
  }

  push(reference: string, auth: RegistryAuth, onLine: (line: string) => void): PushedImage {
    const image = this.get(reference);
    const refuse = (why: string): Error => fail('IMAGE_PUSH_FAILED', { image: reference, why });
    if (!image) throw refuse(`An image does not exist locally with the tag: ${splitReference(reference).name}`);
    if (!this.remote?.covers(reference)) throw refuse('dial tcp: connection refused');
    const pushed = this.remote.push(reference, image, auth);
    if (typeof pushed === 'string') throw refuse(pushed);
    onLine(`The push refers to repository [${splitReference(reference).name}]`);
    return pushed;
  }

  async import(tar: Readable, tag: string, labels: Labels): Promise<string> {
    const content = await buffer(tar);
    return this.add(tag, {
      labels,
      sizeBytes: content.length,
      layers: [`sha256:${createHash('sha256').update(content).digest('hex')}`],
    });
  }

  /** A tar, but what is in it only `load` reads. */
  save(references: readonly string[]): Readable {
    const saved = references.map((reference) => {
      const image = this.get(reference);
      if (!image) throw fail('ENGINE_FAILED', { action: 'save images', why: `No such image: ${reference}` });
      return {
        ...image,
        tags: image.tags.filter((tag) => references.some((name) => name !== image.id && fullTag(name) === tag)),
      };
    });
    const tar = pack();
    tar.entry({ name: SAVED }, JSON.stringify(saved));
    tar.finalize();
    return Readable.from(tar);
  }

  async load(tar: Readable): Promise<void> {
    const files = await filesOf(tar).catch(() => {
      throw fail('ENGINE_FAILED', { action: 'load images', why: 'unexpected EOF' });
    });
    if (files.has('manifest.json')) return this.#loadArchive(files);
    for (const image of JSON.parse(String(files.get(SAVED))) as ImageInfo[]) {
      if (!this.#byId.has(image.id)) this.#byId.set(image.id, { ...image, tags: [] });
      for (const tag of image.tags) this.tag(image.id, tag);
    }
  }

  /** As `docker load` reads what is not its own: layers that it has need no file. */
  #loadArchive(files: ReadonlyMap<string, Buffer>): void {
    const [{ Config, RepoTags, Layers }] = JSON.parse(String(files.get('manifest.json'))) as ArchiveManifest;
    const config = JSON.parse(String(files.get(Config))) as ArchiveConfig;
    const layers = config.rootfs.diff_ids;
    for (const [at, layer] of layers.entries()) {
      const isHeld = [...this.#byId.values()].some((image) =>
        layers.slice(0, at + 1).every((id, n) => image.layers[n] === id),
      );
      if (!isHeld && sha256(files.get(Layers[at]!)) !== layer)
        throw fail('ENGINE_FAILED', { action: 'load images', why: `invalid diffID for layer ${at}` });
    }
    const { Labels = {}, ExposedPorts = {}, Entrypoint = [], Cmd = [], User = '' } = config.config;
    const image = {
      ...{ id: sha256(files.get(Config)), labels: Labels, layers, user: User, entrypoint: Entrypoint, command: Cmd },
      exposedPorts: Object.keys(ExposedPorts).map((port) => Number.parseInt(port, 10)),
    };
    for (const tag of RepoTags) this.add(tag, { ...image, ...this.handedOver.get(tag) });
  }

  commit(base: ImageInfo, tag: { repository: string; tag: string }, config: ImageConfig, labels: Labels): string {
    const { id: _id, tags: _tags, createdAt: _createdAt, ...inherited } = base;
    return this.add(`${tag.repository}:${tag.tag}`, {
      ...inherited,
      labels: { ...labels, ...config.labels },
      layers: [...base.layers, digest(`${base.id}+${this.#byId.size}`)],
      ...(config.entrypoint ? { entrypoint: config.entrypoint } : {}),
      ...(config.command ? { command: config.command } : {}),
      ...(config.user ? { user: config.user } : {}),
    });
  }

  async build(context: Readable, options: BuildImageOptions, onLine: (line: string) => void): Promise<string> {
    const files = await filesOf(context);
    options.signal?.throwIfAborted();
    const { lines, error, image } = this.platformBuilder(
      files,
      options,
      files.get(options.dockerfile ?? 'Dockerfile')?.toString(),
    );
    lines.forEach(onLine);
    if (error) throw fail('DOCKERFILE_FAILED', { why: error });
    return this.add(options.tag, { labels: options.labels ?? {}, ...image });
  }
}

function dockerfileBuilder(
  _context: ReadonlyMap<string, Buffer>,
  { dockerfile = 'Dockerfile' }: BuildImageOptions,
  text: string | undefined,
): ReturnType<Builder> {
  if (text === undefined) return { lines: [], error: `Cannot locate specified Dockerfile: ${dockerfile}` };
  const steps = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const lines: string[] = [];
  for (const [index, step] of steps.entries()) {
    const heading = `Step ${index + 1}/${steps.length} : ${step}`;
    lines.push(heading);
    if (step === 'RUN false')
      return { lines, error: `${heading}: The command '/bin/sh -c false' returned a non-zero code: 1` };
  }
  return { lines };
}

async function filesOf(tar: Readable): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const reader = extract();
  tar.once('error', (error) => reader.destroy(error));
  for await (const entry of tar.pipe(reader)) files.set(entry.header.name.replace(/^\.\//, ''), await buffer(entry));
  return files;
}

function digest(text: string): string {
  return sha256(Buffer.from(text));
}

function sha256(content: Buffer = Buffer.alloc(0)): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function fullTag(reference: string): string {
  const { name, tag } = splitReference(reference);
  return `${name}:${tag}`;
}
