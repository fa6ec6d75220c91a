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
 * The parts of Docker Engine's API that Mothership uses. Implemented by `DockerEngine`; tests use a `FakeEngine` that
 * passes the same contract tests.
 *
 * Getters return `undefined` for missing objects, and removers ignore them. Other errors throw ENGINE_FAILED; an update
 * with an old `version` throws CONFLICT, a new object with a taken name ENGINE_NAME_TAKEN, an unreachable engine
 * ENGINE_UNREACHABLE. Names are exact, although the engine itself also accepts prefixes of ids.
 */
export interface Engine {
  info(): Promise<EngineInfo>;
  /**
   * The first event is `engine subscribed`: a list taken after it misses nothing. Ends with the signal. Throws
   * ENGINE_UNREACHABLE if the connection is lost.
   */
  events(signal: AbortSignal): AsyncIterable<EngineEvent>;

  /** Unresponsive nodes are detected within about 8 s, instead of Docker's 20. */
  initSwarm(options: { advertiseAddress: string; listenAddress?: string }): Promise<void>;
  /** Resolves when the engine is part of the Swarm. */
  joinSwarm(options: JoinOptions): Promise<void>;
  leaveSwarm(): Promise<void>;
  /** Secrets: anyone who has one can join. */
  joinTokens(): Promise<{ readonly manager: Secret; readonly worker: Secret }>;
  nodes(): Promise<NodeInfo[]>;
  updateNode(id: string, version: number, change: NodeChange): Promise<void>;
  /** Fails while the node is a manager, and while it is not down unless forced. */
  removeNode(id: string, options?: { force?: boolean }): Promise<void>;

  /** With a name prefix, Swarm does not scan all configs. */
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
  /** Changes only the number of tasks and, if given, the labels; retries on a version conflict. */
  scaleService(id: string, replicas: number, labels?: Labels): Promise<void>;
  /** Changes only the secrets mounted at these paths; retries on a version conflict. */
  replaceServiceSecrets(
    id: string,
    secrets: Readonly<Record<string, { readonly id: string; readonly name: string }>>,
  ): Promise<void>;
  /** Only tasks on nodes that no longer match are stopped; a global service starts tasks on nodes that now match. */
  constrainService(nameOrId: string, constraints: readonly string[]): Promise<void>;
  removeService(nameOrId: string): Promise<void>;
  /** `labels` are those of the service. Returns no tasks if the service does not exist. */
  tasks(filter: { service?: string; labels?: LabelFilter; desired?: 'running' }): Promise<TaskInfo[]>;
  taskLogs(taskId: string, options: LogOptions): AsyncIterable<LogLine>;

  containers(filter: LabelFilter): Promise<ContainerInfo[]>;
  container(nameOrId: string, options?: { size?: boolean }): Promise<ContainerInfo | undefined>;
  createContainer(spec: ContainerSpec): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** Attach before starting the container, or output is lost. */
  attachContainer(id: string, options: { tty: boolean; stdin: boolean }): Promise<Attachment>;
  resizeContainer(id: string, size: { columns: number; rows: number }): Promise<void>;
  /** Start the container first: otherwise returns 0 immediately. Rejects with the signal's reason. */
  waitContainer(id: string, signal?: AbortSignal): Promise<number>;
  /** Kill and stop ignore containers that have ended or are gone. */
  killContainer(id: string, signalName?: string): Promise<void>;
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  /** Changes limits, also of a running container; omitted ones stay. */
  limitContainer(id: string, limits: Resources): Promise<void>;
  /** Running or not. */
  removeContainer(id: string): Promise<void>;
  containerLogs(id: string, options: LogOptions): AsyncIterable<LogLine>;
  putArchive(id: string, path: string, tar: Readable): Promise<void>;
  getArchive(id: string, path: string): Promise<Readable>;
  /** Starts a program in a running container; the attachment has its output and ends with it. */
  exec(id: string, options: ExecOptions): Promise<{ id: string; attachment: Attachment }>;
  /** Returns its exit code; undefined while it runs. */
  execResult(execId: string): Promise<number | undefined>;
  resizeExec(execId: string, size: { columns: number; rows: number }): Promise<void>;
  /**
   * Undefined if it is not running, or on kernels that do not report usage (some with cgroup v1). Takes a quarter of a
   * second.
   */
  stats(id: string): Promise<ContainerStats | undefined>;
  /**
   * Returns the image's id. The image inherits the container's environment and labels, so they must contain no secrets.
   */
  commitContainer(id: string, tag: { repository: string; tag: string }, config: ImageConfig): Promise<string>;

  images(filter: LabelFilter): Promise<ImageInfo[]>;
  image(reference: string): Promise<ImageInfo | undefined>;
  /** `onLine` is called once for each new status of a layer. Throws IMAGE_UNAVAILABLE. */
  pullImage(
    reference: string,
    onLine: (line: string) => void,
    signal?: AbortSignal,
    auth?: RegistryAuth,
  ): Promise<void>;
  /** Checks credentials with the registry at `server`. Throws REGISTRY_REFUSED. */
  checkLogin(server: string, auth: RegistryAuth): Promise<void>;
  /** The reference must include the registry and be a tag of the image. Throws IMAGE_PUSH_FAILED. */
  pushImage(
    reference: string,
    auth: RegistryAuth,
    onLine: (line: string) => void,
    signal?: AbortSignal,
  ): Promise<PushedImage>;
  /** `docker import`: creates an image with one layer from a root file system. */
  importImage(tar: Readable, tag: string, labels: Labels): Promise<string>;
  /**
   * Builds from a context with a Dockerfile and returns the image's id. Throws DOCKERFILE_FAILED with the failed step.
   */
  buildImage(context: Readable, options: BuildImageOptions, onLine: (line: string) => void): Promise<string>;
  /**
   * Returns one tar of these images, with shared layers once and tags for images given by tag. Throws ENGINE_FAILED if
   * one is missing.
   */
  saveImages(references: readonly string[]): Promise<Readable>;
  /** Loads the output of `saveImages`; existing images are fine. */
  loadImages(tar: Readable): Promise<void>;
  tagImage(reference: string, tag: string): Promise<void>;
  removeImage(reference: string): Promise<void>;

  /** With `sizes`, the engine measures them, which takes time; some drivers report no size. */
  volumes(filter: LabelFilter, options?: { sizes?: boolean }): Promise<VolumeInfo[]>;
  /** Does nothing if the volume exists. */
  createVolume(options: { name: string; labels: Labels }): Promise<void>;
  removeVolume(name: string): Promise<void>;
}
