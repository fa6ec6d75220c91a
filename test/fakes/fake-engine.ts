import type { Engine, EngineEvent, Labels, LogLine, NodeInfo, Resources } from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { FakeConfigs } from './fake-engine-configs.ts';
import { FakeContainers, type Program } from './fake-engine-containers.ts';
import { FakeBox } from './fake-box.ts';
import { FakeExecs } from './fake-engine-execs.ts';
import { FakeImages } from './fake-engine-images.ts';
import { FakeNetworks } from './fake-engine-networks.ts';
import { FakeNodes } from './fake-engine-nodes.ts';
import { carries, FakeRaft, FakeStream } from './fake-engine-raft.ts';
import { FakeServices } from './fake-engine-services.ts';
import type { TaskBehaviour } from './fake-engine-tasks.ts';

export interface FakeEngineOptions {
  /** Tasks get where they go when it says so; the machine's own when missing. */
  readonly clock?: { now(): number };
  /** The first is this engine's own; one manager when missing. An empty list is an engine without a Swarm. */
  readonly nodes?: readonly Partial<NodeInfo>[];
  /** Engines whose Swarm this one can join. */
  readonly neighbours?: readonly FakeEngine[];
}

/** Docker Engine in memory, held to the same contract as `dockerEngine` (test/engine/engine.contract.ts). */
export class FakeEngine implements Engine {
  readonly #raft: FakeRaft;
  readonly #configs: FakeConfigs;
  readonly #secrets: FakeConfigs;
  readonly #networks: FakeNetworks;
  readonly #services: FakeServices;
  readonly #containers: FakeContainers;
  /** Programs in containers that run already. */
  readonly execs: FakeExecs;
  readonly #volumes = new Map<string, Labels>();
  /** Limits that containers were given later, by id. */
  readonly limited = new Map<string, Resources>();
  /** Bytes in volumes, by name; 0 unless told otherwise. */
  readonly volumeSizes = new Map<string, number>();
  readonly nodeList: FakeNodes;

  /** Images the engine has (`add`), those a registry would give (`publish`), and what builds do (`builder`). */
  readonly imageStore: FakeImages;
  readonly box: FakeBox;

  constructor(options: FakeEngineOptions = {}) {
    this.#raft = new FakeRaft(options.clock ?? { now: () => Date.now() });
    this.nodeList = new FakeNodes(this.#raft, options.nodes ?? [{}], options.neighbours ?? []);
    this.#networks = new FakeNetworks(this.#raft, (id) =>
      this.#services.using(({ networks }) => networks.some((network) => network.id === id)),
    );
    this.#services = new FakeServices(this.#raft, this.#networks, () => this.nodeList.all);
    this.#configs = new FakeConfigs(this.#raft, 'config', (id) =>
      this.#services.using(({ configs }) => configs?.some((config) => config.id === id) ?? false),
    );
    this.#secrets = new FakeConfigs(this.#raft, 'secret', (id) =>
      this.#services.using(({ secrets }) => secrets?.some((secret) => secret.id === id) ?? false),
    );
    this.imageStore = new FakeImages(this.#raft);
    this.#containers = new FakeContainers(
      this.#raft,
      this.#networks,
      (reference) => this.imageStore.get(reference),
      (id) => this.#services.container(id),
    );
    this.execs = new FakeExecs(this.#containers);
    this.box = new FakeBox(this.imageStore);
    this.program(this.box.runs, this.box.program);
  }

  // What tests say about the world.

  /** What tasks of the service (a name, or all names that match) do from now on. Tasks run at once unless told otherwise. */
  script(service: string | RegExp, behaviour: TaskBehaviour): void {
    this.#services.script(service, behaviour);
  }

  /** Brings every task that can be brought where it goes, whatever the clock says. */
  settle(): void {
    this.#services.advance(Infinity);
  }

  /** Ends the running tasks of a service; Swarm replaces them as its restart policy says. */
  failTask(service: string, how: { exitCode?: number; error?: string; slot?: number } = {}): void {
    this.#services.end(service, how);
  }

  /** A line that a task writes. */
  say(taskId: string, line: string, stream: LogLine['stream'] = 'stdout'): void {
    this.#services.say(taskId, line, stream);
  }

  /** What containers do whose spec passes. */
  program(runs: Parameters<FakeContainers['program']>[0], program: Program): void {
    this.#containers.program(runs, program);
  }

  addNode(node: Partial<NodeInfo>): NodeInfo {
    return this.nodeList.add(node);
  }

  changeNode(id: string, change: Partial<NodeInfo>): void {
    this.nodeList.change(id, change);
  }

  /** Whether the Swarm's managers act on what happens to nodes and services; tasks stay as they are meanwhile. */
  set orchestrating(on: boolean) {
    this.#services.orchestrating = on;
  }

  // The port.

  info: Engine['info'] = async () => this.nodeList.info();
  nodes: Engine['nodes'] = async () => this.#manager('list nodes', () => [...this.nodeList.all]);
  initSwarm: Engine['initSwarm'] = async ({ advertiseAddress }) => this.nodeList.init(advertiseAddress);
  joinSwarm: Engine['joinSwarm'] = async (options) => this.nodeList.join(options);
  leaveSwarm: Engine['leaveSwarm'] = async () => this.nodeList.leave();
  joinTokens: Engine['joinTokens'] = async () =>
    this.#manager('report how to join its Swarm', () => this.nodeList.tokens());
  updateNode: Engine['updateNode'] = async (id, version, change) => {
    this.nodeList.update(id, version, change);
    this.#services.advance(this.#raft.now());
  };
  removeNode: Engine['removeNode'] = async (id, options) => this.nodeList.remove(id, options?.force ?? false);

  async *events(signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const stream = new FakeStream<EngineEvent>();
    stream.push({ type: 'engine', action: 'subscribed', id: '' });
    const stop = this.#raft.listen((event) => stream.push(event));
    try {
      yield* stream.read({ signal });
    } finally {
      stop();
    }
  }

  configs: Engine['configs'] = async (filter, namePrefix) =>
    this.#manager('list configs', () => this.#configs.list(filter, namePrefix));
  config: Engine['config'] = async (nameOrId) => this.#manager('read a config', () => this.#configs.get(nameOrId));
  createConfig: Engine['createConfig'] = async (object) =>
    this.#manager('create a config', () => this.#configs.create(object));
  updateConfigLabels: Engine['updateConfigLabels'] = async (id, version, labels) =>
    this.#configs.updateLabels(id, version, labels);
  removeConfig: Engine['removeConfig'] = async (nameOrId) => this.#configs.remove(nameOrId);

  secrets: Engine['secrets'] = async (filter) =>
    this.#secrets.list(filter).map(({ id, name, labels }) => ({ id, name, labels }));
  createSecret: Engine['createSecret'] = async (object) =>
    this.#manager('create a secret', () => this.#secrets.create(object));
  removeSecret: Engine['removeSecret'] = async (nameOrId) => this.#secrets.remove(nameOrId);

  networks: Engine['networks'] = async (filter) => this.#networks.list(filter);
  network: Engine['network'] = async (nameOrId) => this.#networks.get(nameOrId);
  createNetwork: Engine['createNetwork'] = async (options) => this.#networks.create(options);
  removeNetwork: Engine['removeNetwork'] = async (nameOrId) => this.#networks.remove(nameOrId);

  services: Engine['services'] = async (filter) => this.#manager('list services', () => this.#services.list(filter));
  service: Engine['service'] = async (nameOrId) =>
    this.#manager('read a service', () => this.#services.get(nameOrId)?.info);
  createService: Engine['createService'] = async (spec) =>
    this.#manager('create a service', () => this.#services.create(spec));
  updateService: Engine['updateService'] = async (id, version, spec) => this.#services.update(id, version, spec);
  scaleService: Engine['scaleService'] = async (id, replicas, labels) => this.#services.scale(id, replicas, labels);
  constrainService: Engine['constrainService'] = async (id, constraints) => this.#services.constrain(id, constraints);

  replaceServiceSecrets: Engine['replaceServiceSecrets'] = async (id, secrets) =>
    this.#services.replaceSecrets(id, secrets);
  removeService: Engine['removeService'] = async (nameOrId) => this.#services.remove(nameOrId);
  tasks: Engine['tasks'] = async (filter) => this.#manager('list tasks', () => this.#services.tasks(filter));
  taskLogs: Engine['taskLogs'] = (taskId, options) => this.#services.logs(taskId, options);

  containers: Engine['containers'] = async (filter) => this.#containers.list(filter);
  container: Engine['container'] = async (nameOrId, options) => {
    const found = this.#containers.get(nameOrId);
    return (
      found &&
      (options?.size
        ? { ...found.info, writtenBytes: [...found.files.values()].reduce((sum, file) => sum + file.length, 0) }
        : found.info)
    );
  };
  createContainer: Engine['createContainer'] = async (spec) => this.#containers.create(spec);
  startContainer: Engine['startContainer'] = async (id) => this.#containers.start(id);
  attachContainer: Engine['attachContainer'] = async (id) => this.#containers.attach(id);
  resizeContainer: Engine['resizeContainer'] = async (id, size) =>
    void Object.assign(this.#containers.must(id, 'resize'), { size });
  waitContainer: Engine['waitContainer'] = (id, signal) => this.#containers.wait(id, signal);
  killContainer: Engine['killContainer'] = (id) => this.#endContainer(id, 137);
  stopContainer: Engine['stopContainer'] = (id) => this.#endContainer(id, 143);
  limitContainer: Engine['limitContainer'] = async (id, limits) =>
    void this.limited.set(this.#containers.must(id, 'limit').info.id, limits);
  removeContainer: Engine['removeContainer'] = (id) => this.#containers.remove(id);
  containerLogs: Engine['containerLogs'] = (id, options) => this.#containers.logs(id, options);
  putArchive: Engine['putArchive'] = (id, path, tar) => this.#containers.putArchive(id, path, tar);
  getArchive: Engine['getArchive'] = async (id, path) => this.#containers.getArchive(id, path);
  exec: Engine['exec'] = async (id, options) => this.execs.start(id, options);
  execResult: Engine['execResult'] = async (execId) => this.execs.result(execId);
  resizeExec: Engine['resizeExec'] = async (execId, size) => this.execs.resize(execId, size);
  stats: Engine['stats'] = async (id) =>
    this.#containers.get(id)?.info.running
      ? { cpus: 0.25, memoryBytes: 50_000_000, memoryLimitBytes: 512_000_000, processes: 2 }
      : undefined;
  commitContainer: Engine['commitContainer'] = async (id, tag, config) => {
    const { image, info } = this.#containers.must(id, 'commit');
    return this.imageStore.commit(image, tag, config, info.labels);
  };

  images: Engine['images'] = async (filter) => this.imageStore.list(filter);
  image: Engine['image'] = async (reference) => this.imageStore.get(reference);
  pullImage: Engine['pullImage'] = async (reference, onLine, _signal, auth) =>
    this.imageStore.pull(reference, onLine, auth);
  checkLogin: Engine['checkLogin'] = async (server, auth) => this.imageStore.checkLogin(server, auth);
  pushImage: Engine['pushImage'] = async (reference, auth, onLine) => this.imageStore.push(reference, auth, onLine);
  importImage: Engine['importImage'] = (tar, tag, labels) => this.imageStore.import(tar, tag, labels);
  buildImage: Engine['buildImage'] = (context, options, onLine) => this.imageStore.build(context, options, onLine);
  saveImages: Engine['saveImages'] = async (references) => this.imageStore.save(references);
  loadImages: Engine['loadImages'] = (tar) => this.imageStore.load(tar);
  tagImage: Engine['tagImage'] = async (reference, tag) => this.imageStore.tag(reference, tag);
  removeImage: Engine['removeImage'] = async (reference) => this.imageStore.remove(reference);

  volumes: Engine['volumes'] = async (filter, { sizes } = {}) => {
    const all = [...this.#volumes].map(([name, labels]) => ({
      name,
      labels,
      ...(sizes ? { sizeBytes: this.volumeSizes.get(name) ?? 0 } : {}),
    }));
    return all.filter(({ labels }) => carries(labels, filter));
  };
  createVolume: Engine['createVolume'] = async ({ name, labels }) =>
    void (this.#volumes.has(name) || this.#volumes.set(name, labels));
  removeVolume: Engine['removeVolume'] = async (name) => void this.#volumes.delete(name);

  async #endContainer(id: string, exitCode: number): Promise<void> {
    const task = this.#services.tasks({}).find(({ containerId, state }) => containerId === id && state === 'running');
    if (!task) return this.#containers.end(id);
    this.#containers.endTask(id);
    this.#services.end(task.serviceId, { exitCode, slot: task.slot });
  }

  #manager<T>(action: string, answer: () => T): T {
    if (this.nodeList.all.length === 0)
      throw fail('ENGINE_FAILED', { action, why: 'This node is not a swarm manager' });
    return answer();
  }
}
