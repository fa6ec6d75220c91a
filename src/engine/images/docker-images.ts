import { fail, isMothershipError } from '#errors';
import { at, type Call, type Connection } from '../connection/connection.ts';
import { jsonLines } from '../connection/json-lines.ts';
import { filters, type Labels } from '../connection/labels.ts';
import { isMissing, reasonOf, statusOf } from '../connection/refusal.ts';
import { ImageBuild } from './image-build.ts';
import type { ImageInfo, Images } from './images.ts';
import { splitReference } from './references.ts';
import { TransferProgress, type ProgressJson } from './transfer-progress.ts';

interface ImageJson {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly Size: number;
  readonly Created: string;
  readonly RootFS: { readonly Layers?: readonly string[] | null };
  readonly Config?: {
    readonly Labels?: Labels | null;
    readonly ExposedPorts?: Readonly<Record<string, object>> | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly User?: string;
  } | null;
}

export class DockerImages implements Images {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  images: Images['images'] = async (filter) => {
    const all = await this.#engine.list<{ Id: string }>({
      path: '/images/json',
      query: filters(filter),
      action: 'list images',
    });
    const found = await Promise.all(all.map(({ Id }) => this.image(Id)));
    return found.filter((image) => image !== undefined);
  };

  image: Images['image'] = async (reference) => {
    try {
      return imageInfo(
        await this.#engine.call<ImageJson>({ path: at`/images/${reference}/json`, action: `read image ${reference}` }),
      );
    } catch (error) {
      // 400: an invalid reference refers to nothing.
      if (isMissing(error) || statusOf(error) === 400) return undefined;
      throw error;
    }
  };

  pullImage: Images['pullImage'] = async (reference, onLine, signal, auth) => {
    const { name, tag } = splitReference(reference);
    const call = {
      method: 'POST' as const,
      path: '/images/create',
      query: { fromImage: name, tag },
      action: `pull ${reference}`,
      signal,
      auth,
    };
    const refused = (why: string, cause?: unknown): unknown =>
      fail('IMAGE_UNAVAILABLE', { image: reference, why }, cause);
    const progress = new TransferProgress(onLine);
    await this.#transfer(call, (message) => progress.take(message), refused);
  };

  checkLogin: Images['checkLogin'] = async (server, { user, password }) => {
    const body = { username: user, password: password.reveal(), serveraddress: server };
    await this.#engine
      .call({ method: 'POST', path: '/auth', body, action: `log in to ${server}` })
      .catch((error: unknown) => {
        if (!isMothershipError(error, 'ENGINE_FAILED')) throw error;
        throw fail('REGISTRY_REFUSED', { where: server, action: `authenticate ${user}`, why: error.message }, error);
      });
  };

  pushImage: Images['pushImage'] = async (reference, auth, onLine, signal) => {
    const { name, tag } = splitReference(reference);
    // The name keeps its slashes: the engine's route is a wildcard.
    const path = `/images/${name.split('/').map(encodeURIComponent).join('/')}/push`;
    const call = { method: 'POST' as const, path, query: { tag }, action: `push ${reference}`, signal, auth };
    const refused = (why: string, cause?: unknown): unknown =>
      fail('IMAGE_PUSH_FAILED', { image: reference, why }, cause);
    const progress = new TransferProgress(onLine);
    await this.#transfer(call, (message) => progress.take(message), refused);
    const { digest } = progress;
    if (!digest) throw refused('the engine did not report the digest');
    return { digest, layers: progress.layers, bytes: progress.bytes };
  };

  async #transfer(
    call: Call,
    take: (message: ProgressJson) => void,
    refused: (why: string, cause?: unknown) => unknown,
  ): Promise<void> {
    try {
      for await (const message of jsonLines<ProgressJson>(await this.#engine.stream(call), call, this.#engine.where)) {
        if (message.error) throw refused(message.error);
        take(message);
      }
    } catch (error) {
      if (!isMothershipError(error, 'ENGINE_FAILED')) throw error;
      throw refused(reasonOf(error), error);
    }
    call.signal?.throwIfAborted();
  }

  importImage: Images['importImage'] = async (tar, tag, labels) => {
    const { name, tag: version } = splitReference(tag);
    const changes = Object.entries(labels).map(([key, value]) => `LABEL ${labelWord(key)}=${labelWord(value)}`);
    const query = { fromSrc: '-', repo: name, tag: version, changes };
    const call = { method: 'POST' as const, path: '/images/create', query, tar, action: `import image ${tag}` };
    let id = '';
    for await (const { status, error } of jsonLines<ProgressJson>(
      await this.#engine.stream(call),
      call,
      this.#engine.where,
    )) {
      if (error) throw fail('ENGINE_FAILED', { action: call.action, why: error });
      if (status?.startsWith('sha256:')) id = status;
    }
    return id;
  };

  buildImage: Images['buildImage'] = (context, options, onLine) =>
    new ImageBuild(options, onLine).run(this.#engine, context);

  saveImages: Images['saveImages'] = (references) =>
    this.#engine.stream({
      path: '/images/get',
      query: { names: [...references] },
      action: `save ${references.length} images`,
    });

  loadImages: Images['loadImages'] = async (tar) => {
    const call = { method: 'POST' as const, path: '/images/load', query: { quiet: 1 }, tar, action: 'load images' };
    for await (const { error } of jsonLines<ProgressJson>(await this.#engine.stream(call), call, this.#engine.where)) {
      if (error) throw fail('ENGINE_FAILED', { action: call.action, why: error });
    }
  };

  tagImage: Images['tagImage'] = async (reference, tag) => {
    const { name, tag: version } = splitReference(tag);
    const action = `tag ${reference} as ${tag}`;
    await this.#engine.call({
      method: 'POST',
      path: at`/images/${reference}/tag`,
      query: { repo: name, tag: version },
      action,
    });
  };

  /**
   * Removes only the tag while others reference the image. Fails if a container uses it; with `force`, if a running one
   * does.
   */
  removeImage: Images['removeImage'] = async (reference, { force = false } = {}) => {
    await this.#engine.find({
      method: 'DELETE',
      path: at`/images/${reference}`,
      query: { force },
      action: `remove image ${reference}`,
    });
  };
}

/** Quotes a word for a Dockerfile's LABEL, without expansion; a shell quotes differently. */
function labelWord(word: string): string {
  return `"${word.replace(/[\\"$]/g, '\\$&')}"`;
}

function imageInfo(json: ImageJson): ImageInfo {
  const config = json.Config;
  return {
    id: json.Id,
    tags: json.RepoTags ?? [],
    labels: config?.Labels ?? {},
    sizeBytes: json.Size,
    createdAt: json.Created,
    layers: json.RootFS.Layers ?? [],
    exposedPorts: Object.keys(config?.ExposedPorts ?? {})
      .filter((port) => port.endsWith('/tcp'))
      .map((port) => Number.parseInt(port, 10)),
    entrypoint: config?.Entrypoint ?? [],
    command: config?.Cmd ?? [],
    user: config?.User ?? '',
  };
}
