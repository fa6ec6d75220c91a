import type {
  Engine,
  LabelFilter,
  Labels,
  LogLine,
  LogOptions,
  NodeInfo,
  ServiceInfo,
  ServiceSpec,
  TaskInfo,
} from '../../src/engine/index.ts';
import { fail } from '../../src/errors/index.ts';
import { reveal } from '../../src/events/index.ts';
import type { TaskContainer } from './fake-engine-containers.ts';
import type { FakeNetworks } from './fake-engine-networks.ts';
import { carries, since, type FakeRaft } from './fake-engine-raft.ts';
import { arrive, end, hasEnded, newTask, speak, type FakeTask, type TaskBehaviour } from './fake-engine-tasks.ts';

interface FakeService {
  info: ServiceInfo;
  spec: ServiceSpec;
  tasks: FakeTask[];
}

/** Services of the fake Swarm and their tasks, which advance when they are looked at and the clock says they are due. */
export class FakeServices {
  readonly #raft: FakeRaft;
  readonly #networks: FakeNetworks;
  readonly #nodes: () => readonly NodeInfo[];
  readonly #byId = new Map<string, FakeService>();
  readonly #behaviours: { readonly covers: (name: string) => boolean; readonly behaviour: TaskBehaviour }[] = [];

  constructor(raft: FakeRaft, networks: FakeNetworks, nodes: () => readonly NodeInfo[]) {
    this.#raft = raft;
    this.#networks = networks;
    this.#nodes = nodes;
  }

  orchestrating = true;

  /** What tasks of services whose name matches do from now on; the latest word counts. */
  script(service: string | RegExp, behaviour: TaskBehaviour): void {
    const covers = (name: string): boolean => (typeof service === 'string' ? name === service : service.test(name));
    this.#behaviours.unshift({ covers, behaviour });
  }

  list(filter: LabelFilter): ServiceInfo[] {
    return [...this.#byId.values()].map(({ info }) => info).filter((info) => carries(info.labels, filter));
  }

  get(nameOrId: string): FakeService | undefined {
    return this.#byId.get(nameOrId) ?? [...this.#byId.values()].find(({ info }) => info.name === nameOrId);
  }

  /** The name of a service of which the test holds. */
  using(test: (spec: ServiceSpec) => boolean): string | undefined {
    return [...this.#byId.values()].find(({ spec }) => test(spec))?.info.name;
  }

  create(spec: ServiceSpec): string {
    this.#check(spec);
    if (this.get(spec.name)) throw fail('ENGINE_NAME_TAKEN', { what: `service ${spec.name}` });
    const id = this.#raft.swarmId('service');
    const createdAt = this.#raft.timestamp();
    const service = { info: { ...this.#infoOf(spec), id, createdAt }, spec, tasks: [] };
    this.#byId.set(id, service);
    this.#schedule(service);
    this.#raft.emit('service', 'create', service.info);
    return id;
  }

  update(id: string, version: number, spec: ServiceSpec): void {
    const service = this.#must(id, 'update');
    if (service.info.version !== version) throw fail('CONFLICT', { what: `service ${service.info.name}` });
    const changed = templateOf(service.spec) !== templateOf(spec);
    if (changed)
      for (const task of service.tasks.filter(({ info }) => info.desired === 'running')) this.#shutDown(task);
    service.spec = spec;
    service.info = { ...service.info, ...this.#infoOf(spec) };
    this.#schedule(service);
    this.#raft.emit('service', 'update', service.info);
  }

  scale(id: string, replicas: number, labels?: Labels): void {
    const service = this.#must(id, 'scale');
    this.update(service.info.id, service.info.version, { ...service.spec, replicas, ...(labels ? { labels } : {}) });
  }

  replaceSecrets(id: string, given: Parameters<Engine['replaceServiceSecrets']>[1]): void {
    const { info, spec } = this.#must(id, 'change');
    const secrets = spec.secrets?.map((secret) => ({ ...secret, ...given[secret.path] }));
    this.update(info.id, info.version, { ...spec, ...(secrets ? { secrets } : {}) });
  }

  constrain(id: string, constraints: readonly string[]): void {
    const { info, spec } = this.#must(id, 'constrain');
    this.update(info.id, info.version, { ...spec, constraints });
  }

  remove(nameOrId: string): void {
    const service = this.get(nameOrId);
    if (!service) return;
    this.#byId.delete(service.info.id);
    for (const task of service.tasks) task.log.close();
    this.#raft.emit('service', 'remove', service.info);
  }

  tasks(filter: { service?: string; labels?: LabelFilter; desired?: 'running' }): TaskInfo[] {
    this.advance(this.#raft.now());
    return [...this.#byId.values()]
      .filter(({ info }) => filter.service === undefined || info.id === filter.service || info.name === filter.service)
      .filter(({ info }) => carries(info.labels, filter.labels ?? {}))
      .flatMap((service) => service.tasks.map(({ info }) => info))
      .filter((task) => !filter.desired || task.desired === filter.desired);
  }

  /** Brings tasks that are due by `time` where they go, and replaces those that ended, once. */
  advance(time: number): void {
    for (const service of this.#byId.values()) {
      const behaviour = this.#behaviourOf(service);
      // Nodes may have joined or changed, so unplaced tasks are placed again.
      const waits = service.tasks.some(({ info }) => info.nodeId === '');
      if (waits && this.#fitting(service.spec).length > 0)
        service.tasks = service.tasks.filter(({ info }) => info.nodeId !== '');
      for (const task of service.tasks) {
        if (
          task.info.desired === 'running' &&
          task.info.state !== 'running' &&
          task.info.nodeId &&
          task.dueAt <= time
        ) {
          arrive(task, behaviour, this.#raft);
        }
      }
      this.#schedule(service);
    }
  }

  /** Ends running tasks of the service (one `slot` or all) and lets Swarm replace them. */
  end(nameOrId: string, how: { exitCode?: number; error?: string; slot?: number }): void {
    const service = this.#must(nameOrId, 'fail');
    this.advance(this.#raft.now());
    const running = service.tasks.filter(
      ({ info }) => info.state === 'running' && (how.slot ?? info.slot) === info.slot,
    );
    for (const task of running) end(task, how.exitCode === 0 ? 'complete' : 'failed', how, this.#raft);
    this.#schedule(service);
  }

  async *logs(taskId: string, options: LogOptions): AsyncGenerator<LogLine> {
    const { log } = this.#task(taskId);
    const from = options.tail === undefined ? 0 : Math.max(0, log.values.length - options.tail);
    yield* since(log.read({ from, follow: options.follow ?? false, signal: options.signal }), options);
  }

  /** The task with this container, which may have ended. */
  container(id: string): TaskContainer | undefined {
    for (const { spec, tasks } of this.#byId.values()) {
      const task = tasks.find(({ info }) => info.containerId === id);
      const { image, entrypoint, args, env, networks } = spec;
      const given = { ...(entrypoint ? { entrypoint } : {}), ...(args ? { command: args } : {}) };
      if (task)
        return {
          spec: { image, env, networks, labels: spec.containerLabels ?? {}, ...given },
          log: task.log,
          running: task.info.state === 'running',
          addresses: task.info.addresses,
        };
    }
    return undefined;
  }

  say(taskId: string, line: string, stream?: LogLine['stream']): void {
    speak(this.#task(taskId), [line], this.#raft, stream);
  }

  /** Makes tasks that are missing and ends those that are too many. */
  #schedule(service: FakeService): void {
    if (!this.orchestrating) return;
    const { spec } = service;
    for (const task of service.tasks) this.#leaveNode(task, spec);
    const live = service.tasks.filter(({ info }) => info.desired === 'running');
    const slots =
      spec.replicas === 'global' ? this.#fitting(spec) : Array.from({ length: spec.replicas }, (_, i) => i + 1);
    for (const slot of slots) {
      const taken = live.some(({ info }) => (typeof slot === 'number' ? info.slot === slot : info.nodeId === slot.id));
      if (!taken && this.#mayStart(service, slot)) service.tasks.push(this.#place(service, slot));
    }
    if (spec.replicas !== 'global')
      service.tasks = service.tasks.filter(({ info }) => info.slot <= (spec.replicas as number));
  }

  /** Tasks of a node that is drained, gone or no longer fits end; of one that is down nobody hears that they did. */
  #leaveNode(task: FakeTask, { constraints = [] }: ServiceSpec): void {
    if (task.info.desired !== 'running' || task.info.nodeId === '') return;
    const node = this.#nodes().find(({ id }) => id === task.info.nodeId);
    if (node?.state === 'down') task.info = { ...task.info, desired: 'shutdown' };
    else if (!node || node.availability === 'drain' || !constraints.every((constraint) => satisfies(node, constraint)))
      this.#shutDown(task);
  }

  #mayStart({ spec, tasks }: FakeService, slot: number | NodeInfo): boolean {
    const last = tasks.findLast(({ info }) =>
      typeof slot === 'number' ? info.slot === slot : info.nodeId === slot.id,
    );
    if (!last || !hasEnded(last) || last.info.state === 'shutdown' || spec.restart.condition === 'any') return true;
    return spec.restart.condition === 'on-failure' && last.info.state !== 'complete';
  }

  #place(service: FakeService, slot: number | NodeInfo): FakeTask {
    const { spec, info, tasks } = service;
    const index = typeof slot === 'number' ? slot : 0;
    const again = tasks.some((task) => task.info.slot === index && task.info.state !== 'shutdown');
    const started = this.#behaviourOf(service).afterMs ?? 0;
    return newTask(this.#raft, this.#networks, {
      serviceId: info.id,
      spec,
      slot: index,
      node: typeof slot === 'number' ? this.#choose(service) : slot,
      unplaced: this.#whyNowhere(spec),
      delayMs: started + (again ? spec.restart.delayMs : 0),
    });
  }

  /** As Swarm's scheduler: the value of each label with the fewest tasks of the service, then the node with the fewest, then the idlest node. */
  #choose(service: FakeService): NodeInfo | undefined {
    const own = this.#live(service);
    const all = [...this.#byId.values()].flatMap((each) => this.#live(each));
    const on = (tasks: readonly FakeTask[], node: NodeInfo): number =>
      tasks.filter(({ info }) => info.nodeId === node.id).length;
    const fewest = (nodes: NodeInfo[], count: (node: NodeInfo) => number): NodeInfo[] => {
      const least = Math.min(...nodes.map(count));
      return nodes.filter((node) => count(node) === least);
    };
    let nodes = this.#fitting(service.spec);
    for (const label of service.spec.spreadOver ?? []) {
      const value = (node: NodeInfo): string => node.labels[label.replace(/^node\.labels\./, '')] ?? '';
      nodes = fewest(nodes, (node) =>
        this.#nodes()
          .filter((other) => value(other) === value(node))
          .reduce((sum, other) => sum + on(own, other), 0),
      );
    }
    return fewest(
      fewest(nodes, (node) => on(own, node)),
      (node) => on(all, node),
    )[0];
  }

  #live({ tasks }: FakeService): FakeTask[] {
    return tasks.filter(({ info }) => info.desired === 'running');
  }

  #fitting(spec: ServiceSpec): NodeInfo[] {
    const needed = spec.reservations?.memoryBytes ?? 0;
    return this.#allowed(spec).filter(
      (node) =>
        typeof spec.replicas !== 'number' || needed === 0 || this.#reservedOn(node) + needed <= node.memoryBytes,
    );
  }

  #allowed(spec: ServiceSpec): NodeInfo[] {
    const usable = this.#nodes().filter((node) => node.state === 'ready' && node.availability === 'active');
    return usable.filter((node) => (spec.constraints ?? []).every((constraint) => satisfies(node, constraint)));
  }

  #whyNowhere(spec: ServiceSpec): string {
    const count = this.#nodes().length;
    const why =
      this.#allowed(spec).length > 0 ? 'insufficient resources on' : 'scheduling constraints not satisfied on';
    return `no suitable node (${why} ${count} node${count === 1 ? '' : 's'})`;
  }

  #reservedOn(node: NodeInfo): number {
    return [...this.#byId.values()].reduce(
      (sum, service) =>
        sum +
        this.#live(service).filter(({ info }) => info.nodeId === node.id).length *
          (service.spec.reservations?.memoryBytes ?? 0),
      0,
    );
  }

  #behaviourOf(service: FakeService): TaskBehaviour {
    return this.#behaviours.find((each) => each.covers(service.info.name))?.behaviour ?? {};
  }

  #shutDown(task: FakeTask): void {
    task.info = {
      ...task.info,
      desired: 'shutdown',
      state: 'shutdown',
      message: 'shutdown',
      since: this.#raft.timestamp(),
    };
    task.log.close();
  }

  #infoOf(spec: ServiceSpec): Omit<ServiceInfo, 'id' | 'createdAt'> {
    const { constraints = [], reservations = {}, limits = {}, mounts = [] } = spec;
    return {
      name: spec.name,
      version: this.#raft.nextVersion(),
      labels: { ...spec.labels },
      image: spec.image,
      replicas: spec.replicas,
      constraints,
      reservations,
      limits,
      volumes: mounts.flatMap((mount) => (mount.type === 'volume' && mount.source ? [mount.source] : [])),
    };
  }

  #check(spec: ServiceSpec): void {
    const action = `create service ${spec.name}`;
    if (spec.name.length > 63) throw fail('ENGINE_FAILED', { action, why: 'name must be 63 characters or fewer' });
    if (!/^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*$/.test(spec.name))
      throw fail('ENGINE_FAILED', { action, why: 'name must be valid as a DNS name component' });
    for (const { id } of spec.networks)
      if (!this.#networks.get(id)) throw fail('ENGINE_FAILED', { action, why: `network ${id} not found` });
  }

  #must(nameOrId: string, verb: string): FakeService {
    const service = this.get(nameOrId);
    if (!service)
      throw fail('ENGINE_FAILED', { action: `${verb} service ${nameOrId}`, why: 'there is no such service' });
    return service;
  }

  #task(taskId: string): FakeTask {
    const task = [...this.#byId.values()].flatMap(({ tasks }) => tasks).find(({ info }) => info.id === taskId);
    if (!task)
      throw fail('ENGINE_FAILED', { action: `give the logs of task ${taskId}`, why: `task ${taskId} not found` });
    return task;
  }
}

/** All that makes a task what it is. */
function templateOf({
  name: _name,
  labels: _labels,
  replicas: _replicas,
  env,
  constraints: _constraints,
  ...template
}: ServiceSpec): string {
  return JSON.stringify([template, Object.entries(env).map(([key, value]) => [key, reveal(value)])]);
}

function satisfies(node: NodeInfo, constraint: string): boolean {
  const [, key = '', operator, value = ''] = /^\s*(\S+?)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? [];
  const facts: Record<string, string> = { 'node.id': node.id, 'node.role': node.role, 'node.hostname': node.hostname };
  const actual = key.startsWith('node.labels.')
    ? (node.labels[key.slice('node.labels.'.length)] ?? '')
    : (facts[key] ?? '');
  return (actual === value) === (operator === '==');
}
