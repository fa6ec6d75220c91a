import type { Readable } from 'node:stream';
import type { Secret } from '../events/index.ts';
import type {
  Attachment,
  BuildImageOptions,
  ConfigObject,
  ContainerInfo,
  ContainerSpec,
  ContainerStats,
  EngineEvent,
  EngineInfo,
  ExecOptions,
  ImageConfig,
  ImageInfo,
  LabelFilter,
  Labels,
  LogLine,
  LogOptions,
  JoinOptions,
  NetworkInfo,
  NetworkOptions,
  NodeChange,
  NodeInfo,
} from './types.ts';
import type { PushedImage, RegistryAuth, Resources, VolumeInfo } from './types.ts';

import type { ServiceInfo, ServiceSpec, TaskInfo } from './services/service-types.ts';

export type * from './services/service-types.ts';
export type * from './types.ts';

/**
 * The part of Docker Engine's API that Mothership uses, in its own words. The only implementation that
 * talks to Docker is `DockerEngine`; tests have a `FakeEngine` held to the same contract suite.
 *
 * Getters answer `undefined` for what does not exist and removers are content when it is gone already.
 * Everything else that the engine refuses throws ENGINE_FAILED; an update with an old `version` throws CONFLICT, a new
 * object with a name that is taken ENGINE_NAME_TAKEN, an engine that does not answer ENGINE_UNREACHABLE.
 * Names are exact: the engine's habit of taking the beginning of an id for a name is undone.
 */
export interface Engine {
  info(): Promise<EngineInfo>;
  /** The first event is `engine subscribed`: what is listed after it misses nothing. Ends with the signal; a lost connection throws. */
  events(signal: AbortSignal): AsyncIterable<EngineEvent>;

  /** A node that stops answering is noticed within about 8 s, instead of Docker's 20. */
  initSwarm(options: { advertiseAddress: string; listenAddress?: string }): Promise<void>;
  /** Resolves when the Swarm has taken the engine in. */
  joinSwarm(options: JoinOptions): Promise<void>;
  leaveSwarm(): Promise<void>;
  /** Secrets: whoever has one can join. */
  joinTokens(): Promise<{ readonly manager: Secret; readonly worker: Secret }>;
  nodes(): Promise<NodeInfo[]>;
  updateNode(id: string, version: number, change: NodeChange): Promise<void>;
  /** Refused while the node is a manager, and while it is not down unless forced. */
  removeNode(id: string, options?: { force?: boolean }): Promise<void>;

  /** With the beginning of their names given, Swarm need not look at all others: it keeps them by name. */
  configs(filter: LabelFilter, namePrefix?: string): Promise<ConfigObject[]>;
  config(nameOrId: string): Promise<ConfigObject | undefined>;
  createConfig(object: { name: string; labels: Labels; data: Buffer }): Promise<string>;
  updateConfigLabels(id: string, version: number, labels: Labels): Promise<void>;
  removeConfig(nameOrId: string): Promise<void>;

  secrets(filter: LabelFilter): Promise<{ id: string; name: string; labels: Labels }[]>;
  createSecret(object: { name: string; labels: Labels; data: Buffer }): Promise<string>;
  removeSecret(nameOrId: string): Promise<void>;

  networks(filter: LabelFilter): Promise<NetworkInfo[]>;
  network(nameOrId: string): Promise<NetworkInfo | undefined>;
  createNetwork(options: NetworkOptions): Promise<string>;
  removeNetwork(nameOrId: string): Promise<void>;

  services(filter: LabelFilter): Promise<ServiceInfo[]>;
  service(nameOrId: string): Promise<ServiceInfo | undefined>;
  createService(spec: ServiceSpec): Promise<string>;
  /** Replaces the whole spec. */
  updateService(id: string, version: number, spec: ServiceSpec): Promise<void>;
  /** Keeps everything but the number of tasks and, if given, the labels; retries on a version conflict. */
  scaleService(id: string, replicas: number, labels?: Labels): Promise<void>;
  /** Keeps everything but which secrets its tasks find under these paths; retries on a version conflict. */
  replaceServiceSecrets(
    id: string,
    secrets: Readonly<Record<string, { readonly id: string; readonly name: string }>>,
  ): Promise<void>;
  /** Only tasks on nodes that no longer fit end; on nodes that now fit too, a global service starts new ones. */
  constrainService(nameOrId: string, constraints: readonly string[]): Promise<void>;
  removeService(nameOrId: string): Promise<void>;
  /** `labels` are those of the service. Tasks of a service that does not exist are none. */
  tasks(filter: { service?: string; labels?: LabelFilter; desired?: 'running' }): Promise<TaskInfo[]>;
  taskLogs(taskId: string, options: LogOptions): AsyncIterable<LogLine>;

  containers(filter: LabelFilter): Promise<ContainerInfo[]>;
  container(nameOrId: string, options?: { size?: boolean }): Promise<ContainerInfo | undefined>;
  createContainer(spec: ContainerSpec): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** Attach before start to lose nothing. */
  attachContainer(id: string, options: { tty: boolean; stdin: boolean }): Promise<Attachment>;
  resizeContainer(id: string, size: { columns: number; rows: number }): Promise<void>;
  /** Start it first: of one that was never started it answers 0 at once. Rejects with the signal's reason. */
  waitContainer(id: string, signal?: AbortSignal): Promise<number>;
  /** Kill and stop are content with a container that has ended or is gone. */
  killContainer(id: string, signalName?: string): Promise<void>;
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  /** Gives a container other limits, also while it runs; those left out stay. */
  limitContainer(id: string, limits: Resources): Promise<void>;
  /** Running or not. */
  removeContainer(id: string): Promise<void>;
  containerLogs(id: string, options: LogOptions): AsyncIterable<LogLine>;
  putArchive(id: string, path: string, tar: Readable): Promise<void>;
  getArchive(id: string, path: string): Promise<Readable>;
  /** Starts a program in a container that runs; end and output are the attachment's. */
  exec(id: string, options: ExecOptions): Promise<{ id: string; attachment: Attachment }>;
  /** Its exit code; undefined while it runs. */
  execResult(execId: string): Promise<number | undefined>;
  resizeExec(execId: string, size: { columns: number; rows: number }): Promise<void>;
  /** Undefined of one that does not run, and on kernels that do not tell the engine (some with cgroup v1). Takes a quarter of a second. */
  stats(id: string): Promise<ContainerStats | undefined>;
  /** Answers the image's id. The image inherits the container's environment and labels: give it no secrets. */
  commitContainer(id: string, tag: { repository: string; tag: string }, config: ImageConfig): Promise<string>;

  images(filter: LabelFilter): Promise<ImageInfo[]>;
  image(reference: string): Promise<ImageInfo | undefined>;
  /** `onLine` hears each new status of a layer once. Throws IMAGE_UNAVAILABLE when no registry gives it. */
  pullImage(
    reference: string,
    onLine: (line: string) => void,
    signal?: AbortSignal,
    auth?: RegistryAuth,
  ): Promise<void>;
  /** Whether the registry at `server` takes that password. Throws REGISTRY_REFUSED with its words. */
  checkLogin(server: string, auth: RegistryAuth): Promise<void>;
  /** The reference names the registry and is a tag of the image. Throws IMAGE_PUSH_FAILED with the registry's words. */
  pushImage(
    reference: string,
    auth: RegistryAuth,
    onLine: (line: string) => void,
    signal?: AbortSignal,
  ): Promise<PushedImage>;
  /** `docker import`: a root file system becomes an image with one layer. */
  importImage(tar: Readable, tag: string, labels: Labels): Promise<string>;
  /** Builds from a context that has a Dockerfile; answers the image's id, throws DOCKERFILE_FAILED with the step that failed. */
  buildImage(context: Readable, options: BuildImageOptions, onLine: (line: string) => void): Promise<string>;
  /** One tar of these images, in which a layer they share is once; tags are in it for those named by tag. Throws ENGINE_FAILED when one is missing. */
  saveImages(references: readonly string[]): Promise<Readable>;
  /** Takes in what `saveImages` wrote; content with what is there. */
  loadImages(tar: Readable): Promise<void>;
  tagImage(reference: string, tag: string): Promise<void>;
  removeImage(reference: string): Promise<void>;

  /** With `sizes` the engine counts their files, which takes time; a driver that does not tell has no size. */
  volumes(filter: LabelFilter, options?: { sizes?: boolean }): Promise<VolumeInfo[]>;
  /** Content with one of that name that is there already. */
  createVolume(options: { name: string; labels: Labels }): Promise<void>;
  removeVolume(name: string): Promise<void>;
}
