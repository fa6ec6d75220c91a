import type { Readable } from 'node:stream';
import { attachment } from './attachment.ts';
import { at, type Connection } from '../connection/connection.ts';
import { containerJson, limitsJson } from './container-spec.ts';
import type {
  Attachment,
  ContainerInfo,
  ContainerSpec,
  ImageConfig,
  LabelFilter,
  Labels,
  LogLine,
  LogOptions,
  Resources,
} from '../engine.ts';
import { logLines } from './logs.ts';
import { exactId, exactly, filters } from '../swarm/names.ts';
import type { Networks } from '../swarm/networks.ts';
import { statusOf } from '../connection/refusal.ts';

interface ContainerJson {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly Config: { readonly Image: string; readonly Tty: boolean; readonly Labels?: Labels | null };
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly StartedAt: string;
    readonly FinishedAt: string;
  };
  readonly SizeRw?: number;
  readonly NetworkSettings: {
    readonly Networks?: Readonly<Record<string, { readonly NetworkID: string; readonly IPAddress: string }>> | null;
  };
}

/** Containers of this engine, including those of services. */
export class Containers {
  readonly #engine: Connection;
  readonly #networks: Networks;

  constructor(engine: Connection, networks: Networks) {
    this.#engine = engine;
    this.#networks = networks;
  }

  /** Includes stopped containers. */
  async list(filter: LabelFilter): Promise<ContainerInfo[]> {
    const query = { all: true, ...filters(filter) };
    const all = await this.#engine.list<{ Id: string }>({ path: '/containers/json', query, action: 'list containers' });
    const found = await Promise.all(all.map(({ Id }) => this.get(Id)));
    return found.filter((container) => container !== undefined);
  }

  async get(nameOrId: string, options: { size?: boolean } = {}): Promise<ContainerInfo | undefined> {
    const found = await this.#find(nameOrId, options.size);
    return exactly(nameOrId, found && containerInfo(found));
  }

  async create(spec: ContainerSpec): Promise<string> {
    const what = spec.name ? `container ${spec.name}` : 'a container';
    const { Id } = await this.#engine.call<{ Id: string }>({
      method: 'POST',
      path: '/containers/create',
      query: spec.name ? { name: spec.name } : {},
      body: containerJson(spec),
      action: `create ${what}`,
      what,
      names: true,
    });
    await this.#connect(Id, spec.networks.slice(1));
    return Id;
  }

  async start(id: string): Promise<void> {
    await this.#act(id, 'start');
  }

  /** Start the container first: waiting for one that is not started returns immediately. */
  async wait(id: string, signal?: AbortSignal): Promise<number> {
    const result = await this.#engine.call<{ StatusCode: number }>({
      method: 'POST',
      path: at`/containers/${id}/wait`,
      action: `wait for container ${id}`,
      signal,
    });
    return result.StatusCode;
  }

  /** Does nothing if it is not running. */
  async kill(id: string, signalName = 'SIGKILL'): Promise<void> {
    try {
      await this.#act(id, 'kill', { signal: signalName });
    } catch (error) {
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
    }
  }

  /** Does nothing if it is not running. */
  async stop(id: string, graceSeconds: number): Promise<void> {
    try {
      await this.#act(id, 'stop', { t: graceSeconds });
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
  }

  async limit(id: string, limits: Resources): Promise<void> {
    await this.#engine.call({
      method: 'POST',
      path: at`/containers/${id}/update`,
      body: limitsJson(limits),
      action: `limit container ${id}`,
    });
  }

  /** Kills a running container; also removes its anonymous volumes. */
  async remove(nameOrId: string): Promise<void> {
    const id = await exactId(nameOrId, (name) => this.get(name));
    if (!id) return;
    try {
      await this.#engine.call({
        method: 'DELETE',
        path: at`/containers/${id}`,
        query: { force: true, v: true },
        action: `remove container ${nameOrId}`,
      });
    } catch (error) {
      // 409: it is already being removed.
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
    }
  }

  async attach(id: string, options: { tty: boolean; stdin: boolean }): Promise<Attachment> {
    const socket = await this.#engine.hijack({
      method: 'POST',
      path: at`/containers/${id}/attach`,
      query: { stream: true, stdout: true, stderr: true, ...(options.stdin ? { stdin: true } : {}) },
      action: `attach to container ${id}`,
    });
    return attachment(socket, options.tty);
  }

  async resize(id: string, size: { columns: number; rows: number }): Promise<void> {
    await this.#act(id, 'resize', { h: size.rows, w: size.columns });
  }

  async *logs(id: string, options: LogOptions): AsyncGenerator<LogLine> {
    const tty = (await this.#find(id))?.Config.Tty ?? false;
    yield* logLines(this.#engine, at`/containers/${id}/logs`, { ...options, tty, whose: `container ${id}` });
  }

  async putArchive(id: string, path: string, tar: Readable): Promise<void> {
    const action = `unpack an archive in container ${id}`;
    await this.#engine.call({ method: 'PUT', path: at`/containers/${id}/archive`, query: { path }, tar, action });
  }

  async getArchive(id: string, path: string): Promise<Readable> {
    return this.#engine.stream({
      path: at`/containers/${id}/archive`,
      query: { path },
      action: `read ${path} of container ${id}`,
    });
  }

  /**
   * The image inherits what the container was created with, including its environment, unless overridden in `config`.
   */
  async commit(id: string, tag: { repository: string; tag: string }, config: ImageConfig): Promise<string> {
    const { Id } = await this.#engine.call<{ Id: string }>({
      method: 'POST',
      path: '/commit',
      query: { container: id, repo: tag.repository, tag: tag.tag },
      body: imageConfigJson(config),
      action: `commit container ${id}`,
    });
    return Id;
  }

  async #act(id: string, verb: string, query: Record<string, unknown> = {}): Promise<void> {
    await this.#engine.call({
      method: 'POST',
      path: at`/containers/${id}/${verb}`,
      query,
      action: `${verb} container ${id}`,
    });
  }

  async #connect(id: string, networks: ContainerSpec['networks']): Promise<void> {
    try {
      for (const network of networks) await this.#networks.connect(network.id, id, network.aliases);
    } catch (error) {
      await this.remove(id);
      throw error;
    }
  }

  #find(nameOrId: string, size = false): Promise<ContainerJson | undefined> {
    return this.#engine.find<ContainerJson>({
      path: at`/containers/${nameOrId}/json`,
      query: size ? { size } : {},
      action: `read container ${nameOrId}`,
    });
  }
}

function containerInfo(json: ContainerJson): ContainerInfo {
  const { State: state } = json;
  const ended = state.Status === 'exited' || state.Status === 'dead';
  const networks = Object.values(json.NetworkSettings.Networks ?? {}).filter((network) => network.IPAddress !== '');
  return {
    id: json.Id,
    name: json.Name.replace(/^\//, ''),
    image: json.Config.Image,
    labels: json.Config.Labels ?? {},
    running: state.Running,
    exitCode: ended ? state.ExitCode : undefined,
    oomKilled: state.OOMKilled,
    startedAt: state.StartedAt,
    finishedAt: state.FinishedAt,
    writtenBytes: json.SizeRw,
    addresses: Object.fromEntries(networks.map((network) => [network.NetworkID, network.IPAddress])),
  };
}

function imageConfigJson(config: ImageConfig): object {
  return {
    ...(config.env ? { Env: Object.entries(config.env).map(([key, value]) => `${key}=${value}`) } : {}),
    ...(config.entrypoint ? { Entrypoint: config.entrypoint } : {}),
    ...(config.command ? { Cmd: config.command } : {}),
    ...(config.user ? { User: config.user } : {}),
    ...(config.workingDir ? { WorkingDir: config.workingDir } : {}),
    ...(config.labels ? { Labels: config.labels } : {}),
  };
}
