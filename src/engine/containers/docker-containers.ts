import { attachment } from './attachment.ts';
import { at, type Connection } from '../connection/connection.ts';
import { containerJson, limitsJson } from './container-spec.ts';
import { filters, type Labels } from '../connection/labels.ts';
import { exactId, exactly } from '../connection/names.ts';
import { statusOf } from '../connection/refusal.ts';
import type { ContainerInfo, Containers, ContainerSpec, ImageConfig, LogLine, LogOptions } from './containers.ts';
import { logLines } from './logs.ts';
import { containerStats } from './stats.ts';

interface ContainerJson {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
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
  readonly Mounts?: readonly { readonly Type: string; readonly Name?: string }[] | null;
  readonly NetworkSettings: {
    readonly Networks?: Readonly<Record<string, { readonly NetworkID: string; readonly IPAddress: string }>> | null;
  };
}

export class DockerContainers implements Containers {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  /** Includes stopped containers. */
  containers: Containers['containers'] = async (filter) => {
    const query = { all: true, ...filters(filter) };
    const all = await this.#engine.list<{ Id: string }>({ path: '/containers/json', query, action: 'list containers' });
    const found = await Promise.all(all.map(({ Id }) => this.container(Id)));
    return found.filter((container) => container !== undefined);
  };

  container: Containers['container'] = async (nameOrId, { size } = {}) => {
    const found = await this.#find(nameOrId, size);
    return exactly(nameOrId, found && containerInfo(found));
  };

  createContainer: Containers['createContainer'] = async (spec) => {
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
  };

  startContainer: Containers['startContainer'] = async (id) => {
    await this.#act(id, 'start');
  };

  waitContainer: Containers['waitContainer'] = async (id, signal) => {
    const result = await this.#engine.call<{ StatusCode: number }>({
      method: 'POST',
      path: at`/containers/${id}/wait`,
      action: `wait for container ${id}`,
      signal,
    });
    return result.StatusCode;
  };

  killContainer: Containers['killContainer'] = async (id, signalName = 'SIGKILL') => {
    try {
      await this.#act(id, 'kill', { signal: signalName });
    } catch (error) {
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
    }
  };

  stopContainer: Containers['stopContainer'] = async (id, graceSeconds) => {
    try {
      await this.#act(id, 'stop', { t: graceSeconds });
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
  };

  limitContainer: Containers['limitContainer'] = async (id, limits) => {
    await this.#engine.call({
      method: 'POST',
      path: at`/containers/${id}/update`,
      body: limitsJson(limits),
      action: `limit container ${id}`,
    });
  };

  /** Kills a running container; also removes its anonymous volumes. */
  removeContainer: Containers['removeContainer'] = async (nameOrId) => {
    const id = await exactId(nameOrId, this.container);
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
  };

  attachContainer: Containers['attachContainer'] = async (id, { tty, stdin }) => {
    const socket = await this.#engine.hijack({
      method: 'POST',
      path: at`/containers/${id}/attach`,
      query: { stream: true, stdout: true, stderr: true, ...(stdin ? { stdin } : {}) },
      action: `attach to container ${id}`,
    });
    return attachment(socket, tty);
  };

  resizeContainer: Containers['resizeContainer'] = async (id, size) => {
    await this.#act(id, 'resize', { h: size.rows, w: size.columns });
  };

  containerLogs: Containers['containerLogs'] = (id, options) => this.#logs(id, options);

  stats: Containers['stats'] = (id) => containerStats(this.#engine, id);

  putArchive: Containers['putArchive'] = async (id, path, tar) => {
    const action = `unpack an archive in container ${id}`;
    await this.#engine.call({ method: 'PUT', path: at`/containers/${id}/archive`, query: { path }, tar, action });
  };

  getArchive: Containers['getArchive'] = (id, path) =>
    this.#engine.stream({
      path: at`/containers/${id}/archive`,
      query: { path },
      action: `read ${path} of container ${id}`,
    });

  commitContainer: Containers['commitContainer'] = async (id, tag, config) => {
    const { Id } = await this.#engine.call<{ Id: string }>({
      method: 'POST',
      path: '/commit',
      query: { container: id, repo: tag.repository, tag: tag.tag },
      body: imageConfigJson(config),
      action: `commit container ${id}`,
    });
    return Id;
  };

  async *#logs(id: string, options: LogOptions): AsyncGenerator<LogLine> {
    const tty = (await this.#find(id))?.Config.Tty ?? false;
    yield* logLines(this.#engine, at`/containers/${id}/logs`, { ...options, tty, whose: `container ${id}` });
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
      for (const network of networks)
        await this.#engine.call({
          method: 'POST',
          path: at`/networks/${network.id}/connect`,
          body: { Container: id, EndpointConfig: { Aliases: network.aliases ?? [] } },
          action: `connect a container to network ${network.id}`,
        });
    } catch (error) {
      await this.removeContainer(id);
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
    createdAt: json.Created,
    startedAt: state.StartedAt,
    finishedAt: state.FinishedAt,
    writtenBytes: json.SizeRw,
    volumes: (json.Mounts ?? []).flatMap(({ Type, Name }) => (Type === 'volume' && Name ? [Name] : [])),
    addresses: Object.fromEntries(networks.map((network) => [network.NetworkID, network.IPAddress])),
  };
}

function imageConfigJson(config: ImageConfig): object {
  return {
    Env: config.env && Object.entries(config.env).map(([key, value]) => `${key}=${value}`),
    Entrypoint: config.entrypoint,
    Cmd: config.command,
    User: config.user,
    WorkingDir: config.workingDir,
    Labels: config.labels,
  };
}
