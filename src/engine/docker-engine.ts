import type { Readable } from 'node:stream';
import type { Secret } from '../events/index.ts';
import { Configs, Secrets } from './swarm/configs.ts';
import { at, Connection, type EngineAddress } from './connection/connection.ts';
import { Containers } from './containers/containers.ts';
import type {
  Attachment,
  BuildImageOptions,
  ConfigObject,
  ContainerInfo,
  ContainerSpec,
  ContainerStats,
  Engine,
  EngineEvent,
  EngineInfo,
  ExecOptions,
  ImageConfig,
  ImageInfo,
  JoinOptions,
  LabelFilter,
  Labels,
  LogLine,
  LogOptions,
  NetworkInfo,
  NetworkOptions,
  NodeChange,
  NodeInfo,
  ServiceInfo,
  ServiceSpec,
  TaskInfo,
} from './engine.ts';
import { engineEvents } from './connection/event-stream.ts';
import { Execs } from './containers/execs.ts';
import { ImageBuild } from './images/image-build.ts';
import { Images } from './images/images.ts';
import { logLines } from './containers/logs.ts';
import { Networks } from './swarm/networks.ts';
import { Nodes } from './swarm/nodes.ts';
import { Services } from './services/services.ts';
import { containerStats } from './containers/stats.ts';
import { Swarm } from './swarm/swarm.ts';
import { Tasks } from './services/tasks.ts';
import type { PushedImage, RegistryAuth, Resources, VolumeInfo } from './types.ts';
import { Volumes } from './swarm/volumes.ts';

/** Docker Engine at a socket or address: API 1.41 (engine 20.10) and later. Connects on first use. */
export class DockerEngine implements Engine {
  readonly #connection: Connection;
  readonly #swarm: Swarm;
  readonly #nodes: Nodes;
  readonly #configs: Configs;
  readonly #secrets: Secrets;
  readonly #networks: Networks;
  readonly #services: Services;
  readonly #tasks: Tasks;
  readonly #containers: Containers;
  readonly #execs: Execs;
  readonly #images: Images;
  readonly #volumes: Volumes;

  constructor(address: EngineAddress) {
    const connection = new Connection(address);
    this.#connection = connection;
    this.#swarm = new Swarm(connection);
    this.#nodes = new Nodes(connection);
    this.#configs = new Configs(connection);
    this.#secrets = new Secrets(connection);
    this.#networks = new Networks(connection);
    this.#tasks = new Tasks(connection);
    this.#services = new Services(connection, this.#tasks);
    this.#containers = new Containers(connection, this.#networks);
    this.#execs = new Execs(connection);
    this.#images = new Images(connection);
    this.#volumes = new Volumes(connection);
  }

  info(): Promise<EngineInfo> {
    return this.#swarm.info();
  }

  events(signal: AbortSignal): AsyncIterable<EngineEvent> {
    return engineEvents(this.#connection, signal);
  }

  initSwarm(options: { advertiseAddress: string; listenAddress?: string }): Promise<void> {
    return this.#swarm.init(options);
  }

  leaveSwarm(): Promise<void> {
    return this.#swarm.leave();
  }

  joinSwarm(options: JoinOptions): Promise<void> {
    return this.#swarm.join(options);
  }

  joinTokens(): Promise<{ readonly manager: Secret; readonly worker: Secret }> {
    return this.#swarm.joinTokens();
  }

  nodes(): Promise<NodeInfo[]> {
    return this.#nodes.list();
  }

  updateNode(id: string, version: number, change: NodeChange): Promise<void> {
    return this.#nodes.update(id, version, change);
  }

  removeNode(id: string, options?: { force?: boolean }): Promise<void> {
    return this.#nodes.remove(id, options);
  }

  configs(filter: LabelFilter, namePrefix?: string): Promise<ConfigObject[]> {
    return this.#configs.list(filter, namePrefix);
  }

  config(nameOrId: string): Promise<ConfigObject | undefined> {
    return this.#configs.get(nameOrId);
  }

  createConfig(object: { name: string; labels: Labels; data: Buffer }): Promise<string> {
    return this.#configs.create(object);
  }

  updateConfigLabels(id: string, version: number, labels: Labels): Promise<void> {
    return this.#configs.updateLabels(id, version, labels);
  }

  removeConfig(nameOrId: string): Promise<void> {
    return this.#configs.remove(nameOrId);
  }

  secrets(filter: LabelFilter): Promise<{ id: string; name: string; labels: Labels }[]> {
    return this.#secrets.list(filter);
  }

  createSecret(object: { name: string; labels: Labels; data: Buffer }): Promise<string> {
    return this.#secrets.create(object);
  }

  removeSecret(nameOrId: string): Promise<void> {
    return this.#secrets.remove(nameOrId);
  }

  networks(filter: LabelFilter): Promise<NetworkInfo[]> {
    return this.#networks.list(filter);
  }

  network(nameOrId: string): Promise<NetworkInfo | undefined> {
    return this.#networks.get(nameOrId);
  }

  createNetwork(options: NetworkOptions): Promise<string> {
    return this.#networks.create(options);
  }

  removeNetwork(nameOrId: string): Promise<void> {
    return this.#networks.remove(nameOrId);
  }

  services(filter: LabelFilter): Promise<ServiceInfo[]> {
    return this.#services.list(filter);
  }

  service(nameOrId: string): Promise<ServiceInfo | undefined> {
    return this.#services.get(nameOrId);
  }

  createService(spec: ServiceSpec): Promise<string> {
    return this.#services.create(spec);
  }

  updateService(id: string, version: number, spec: ServiceSpec): Promise<void> {
    return this.#services.update(id, version, spec);
  }

  scaleService(id: string, replicas: number, labels?: Labels): Promise<void> {
    return this.#services.scale(id, replicas, labels);
  }

  replaceServiceSecrets(
    id: string,
    secrets: Readonly<Record<string, { readonly id: string; readonly name: string }>>,
  ): Promise<void> {
    return this.#services.replaceSecrets(id, secrets);
  }

  constrainService(nameOrId: string, constraints: readonly string[]): Promise<void> {
    return this.#services.constrain(nameOrId, constraints);
  }

  removeService(nameOrId: string): Promise<void> {
    return this.#services.remove(nameOrId);
  }

  async tasks({
    service,
    ...filter
  }: {
    service?: string;
    labels?: LabelFilter;
    desired?: 'running';
  }): Promise<TaskInfo[]> {
    if (service === undefined) return this.#tasks.list(filter);
    const id = await this.#services.idOf(service);
    return id ? this.#tasks.list({ ...filter, service: id }) : [];
  }

  taskLogs(taskId: string, options: LogOptions): AsyncIterable<LogLine> {
    return logLines(this.#connection, at`/tasks/${taskId}/logs`, { ...options, tty: false, whose: `task ${taskId}` });
  }

  containers(filter: LabelFilter): Promise<ContainerInfo[]> {
    return this.#containers.list(filter);
  }

  container(nameOrId: string, options?: { size?: boolean }): Promise<ContainerInfo | undefined> {
    return this.#containers.get(nameOrId, options);
  }

  createContainer(spec: ContainerSpec): Promise<string> {
    return this.#containers.create(spec);
  }

  startContainer(id: string): Promise<void> {
    return this.#containers.start(id);
  }

  attachContainer(id: string, options: { tty: boolean; stdin: boolean }): Promise<Attachment> {
    return this.#containers.attach(id, options);
  }

  resizeContainer(id: string, size: { columns: number; rows: number }): Promise<void> {
    return this.#containers.resize(id, size);
  }

  waitContainer(id: string, signal?: AbortSignal): Promise<number> {
    return this.#containers.wait(id, signal);
  }

  killContainer(id: string, signalName?: string): Promise<void> {
    return this.#containers.kill(id, signalName);
  }

  stopContainer(id: string, graceSeconds: number): Promise<void> {
    return this.#containers.stop(id, graceSeconds);
  }

  limitContainer(id: string, limits: Resources): Promise<void> {
    return this.#containers.limit(id, limits);
  }

  removeContainer(id: string): Promise<void> {
    return this.#containers.remove(id);
  }

  containerLogs(id: string, options: LogOptions): AsyncIterable<LogLine> {
    return this.#containers.logs(id, options);
  }

  putArchive(id: string, path: string, tar: Readable): Promise<void> {
    return this.#containers.putArchive(id, path, tar);
  }

  getArchive(id: string, path: string): Promise<Readable> {
    return this.#containers.getArchive(id, path);
  }

  exec(id: string, options: ExecOptions): Promise<{ id: string; attachment: Attachment }> {
    return this.#execs.start(id, options);
  }

  execResult(execId: string): Promise<number | undefined> {
    return this.#execs.result(execId);
  }

  resizeExec(execId: string, size: { columns: number; rows: number }): Promise<void> {
    return this.#execs.resize(execId, size);
  }

  stats(id: string): Promise<ContainerStats | undefined> {
    return containerStats(this.#connection, id);
  }

  commitContainer(id: string, tag: { repository: string; tag: string }, config: ImageConfig): Promise<string> {
    return this.#containers.commit(id, tag, config);
  }

  images(filter: LabelFilter): Promise<ImageInfo[]> {
    return this.#images.list(filter);
  }

  image(reference: string): Promise<ImageInfo | undefined> {
    return this.#images.get(reference);
  }

  pullImage(
    reference: string,
    onLine: (line: string) => void,
    signal?: AbortSignal,
    auth?: RegistryAuth,
  ): Promise<void> {
    return this.#images.pull(reference, onLine, signal, auth);
  }

  checkLogin(server: string, auth: RegistryAuth): Promise<void> {
    return this.#images.checkLogin(server, auth);
  }

  pushImage(
    reference: string,
    auth: RegistryAuth,
    onLine: (line: string) => void,
    signal?: AbortSignal,
  ): Promise<PushedImage> {
    return this.#images.push(reference, auth, onLine, signal);
  }

  importImage(tar: Readable, tag: string, labels: Labels): Promise<string> {
    return this.#images.import(tar, tag, labels);
  }

  buildImage(context: Readable, options: BuildImageOptions, onLine: (line: string) => void): Promise<string> {
    return new ImageBuild(options, onLine).run(this.#connection, context);
  }

  saveImages(references: readonly string[]): Promise<Readable> {
    return this.#images.save(references);
  }

  loadImages(tar: Readable): Promise<void> {
    return this.#images.load(tar);
  }

  tagImage(reference: string, tag: string): Promise<void> {
    return this.#images.tag(reference, tag);
  }

  removeImage(reference: string): Promise<void> {
    return this.#images.remove(reference);
  }

  volumes(filter: LabelFilter, options: { sizes?: boolean } = {}): Promise<VolumeInfo[]> {
    return options.sizes ? this.#volumes.measure(filter) : this.#volumes.list(filter);
  }

  createVolume(options: { name: string; labels: Labels }): Promise<void> {
    return this.#volumes.create(options);
  }

  removeVolume(name: string): Promise<void> {
    return this.#volumes.remove(name);
  }
}
