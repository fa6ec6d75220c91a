import { KIND, label } from '#labels.ts';
import type { NodeInfo, ServiceInfo } from '#engine';
import { MiB } from '#values/size.ts';
import { isUsable, rolesOf, satisfies } from '../labels.ts';
import { tasksOn, type ObservedSwarm, type PlacedTask } from '../observed.ts';
import { refusesDemotion } from '../quorum.ts';
import { Placement } from '../scheduler.ts';

export interface DrainReason {
  /** `quorum` and `controller` cannot be overridden: the cluster could not be repaired afterwards. */
  readonly kind: 'volume' | 'room' | 'placement' | 'role' | 'quorum' | 'controller';
  /** A clause, for example "no other node has 64 MB free for web.1 of shop". */
  readonly why: string;
}

interface DrainPlan {
  readonly node: NodeInfo;
  /** Where Swarm would put the node's tasks, except those of global services. */
  readonly moves: readonly (PlacedTask & { readonly to: NodeInfo })[];
  /** Empty if the node can be drained without loss. */
  readonly reasons: readonly DrainReason[];
  /** Worth knowing, although nothing is lost. */
  readonly warnings: readonly string[];
}

export interface DrainOptions {
  /** The node leaves for good, so it must not be a required manager. */
  readonly leaving?: boolean;
  /** Describes a task, for example "web.1 of shop". */
  readonly name?: (task: PlacedTask) => string;
}

/** Kinds (label `mothership.kind`) whose volumes only hold a cache or expendable history. */
const EXPENDABLE: readonly string[] = [KIND.router, KIND.controller];

/** Decides what draining a node would do and what speaks against it. Pure. */
export function planDrain(observed: ObservedSwarm, node: NodeInfo, options: DrainOptions = {}): DrainPlan {
  return new DrainPlanner(observed, node, options).plan();
}

class DrainPlanner {
  readonly #observed: ObservedSwarm;
  readonly #node: NodeInfo;
  readonly #options: DrainOptions;
  readonly #name: (task: PlacedTask) => string;
  readonly #others: readonly NodeInfo[];
  readonly #own: readonly PlacedTask[];

  constructor(observed: ObservedSwarm, node: NodeInfo, options: DrainOptions) {
    this.#observed = observed;
    this.#node = node;
    this.#options = options;
    this.#name = options.name ?? (({ service }) => service.name);
    this.#others = observed.nodes.filter((other) => other.id !== node.id && isUsable(other));
    this.#own = tasksOn(observed, node);
  }

  plan(): DrainPlan {
    const { moves, reasons } = this.#moves();
    return {
      node: this.#node,
      moves,
      reasons: [...this.#volumes(), ...reasons, ...this.#roles(), ...this.#quorum()],
      warnings: this.#warnings(),
    };
  }

  /** A volume is on one node's disk: a task started elsewhere gets an empty one of that name. */
  #volumes(): DrainReason[] {
    const kept = this.#own.filter(
      ({ service }) => service.volumes.length > 0 && !EXPENDABLE.includes(service.labels[label.kind] ?? ''),
    );
    return kept
      .filter(({ service }) => !this.#hasCopy(service))
      .map((task) => ({
        kind: 'volume',
        why: `the only copy of the volume ${task.service.volumes.join(', ')} of ${this.#name(task)} is on this node`,
      }));
  }

  /** Global services keep a copy on each node. */
  #hasCopy(service: ServiceInfo): boolean {
    return (
      service.replicas === 'global' &&
      this.#others.some((other) =>
        this.#observed.tasks.some(
          (task) => task.serviceId === service.id && task.nodeId === other.id && task.state === 'running',
        ),
      )
    );
  }

  /** Places the largest tasks first. */
  #moves(): { moves: DrainPlan['moves']; reasons: DrainReason[] } {
    const placement = new Placement({
      ...this.#observed,
      nodes: this.#others,
      tasks: this.#observed.tasks.filter((task) => task.nodeId !== this.#node.id),
    });
    const moves: (PlacedTask & { to: NodeInfo })[] = [];
    const reasons: DrainReason[] = [];
    const movable = this.#own.filter((task) => task.service.replicas !== 'global' && !isDetached(task));
    for (const task of movable.sort((a, b) => memory(b) - memory(a))) {
      const to = placement.choose(task.service);
      if (to) {
        placement.add(task.service, to.id);
        moves.push({ ...task, to });
      } else reasons.push(this.#nowhere(task, placement));
    }
    return { moves, reasons };
  }

  #nowhere(task: PlacedTask, placement: Placement): DrainReason {
    const name = this.#name(task);
    if (task.service.labels[label.kind] === KIND.controller)
      return { kind: 'controller', why: 'there is no other manager to run the controller' };
    if (this.#others.length === 0) return { kind: 'placement', why: `there is no other node to run ${name}` };
    if (placement.allowed(task.service).length === 0)
      return {
        kind: 'placement',
        why: `no other node is allowed to run ${name} (${task.service.constraints.join(', ')})`,
      };
    return { kind: 'room', why: `no other node has ${Math.ceil(memory(task) / MiB)} MB free for ${name}` };
  }

  #roles(): DrainReason[] {
    const last = rolesOf(this.#node).filter((role) => !this.#others.some((other) => rolesOf(other).includes(role)));
    return last.map((role) => ({ kind: 'role', why: `it is the last node with the role ${role}` }));
  }

  #quorum(): DrainReason[] {
    if (!this.#options.leaving || this.#node.role !== 'manager') return [];
    const why = refusesDemotion(this.#observed.nodes, this.#node);
    return why ? [{ kind: 'quorum', why: `too few managers would remain: ${why}` }] : [];
  }

  #warnings(): string[] {
    const { services, tasks, nodes } = this.#observed;
    const limits = new Map(services.map((service) => [service.id, service.limits.memoryBytes ?? 0]));
    const may = tasks.reduce((sum, task) => sum + (limits.get(task.serviceId) ?? 0), 0);
    const has = this.#others.reduce((sum, other) => sum + other.memoryBytes, 0);
    const now = nodes.filter(isUsable).reduce((sum, other) => sum + other.memoryBytes, 0);
    const global = this.#own.filter(
      ({ service }) => service.replicas === 'global' && service.labels[label.kind] === KIND.router,
    );
    return [
      ...this.#own.filter(isDetached).map((task) => `${this.#name(task)} is stopped and not started elsewhere`),
      ...(may > has && may <= now
        ? [
            `the other nodes have ${Math.floor(has / MiB)} MB of memory, but the limits of all tasks ` +
              `add up to ${Math.ceil(may / MiB)} MB`,
          ]
        : []),
      ...(global.length > 0 && this.#others.some((other) => satisfies(other, global[0]!.service.constraints))
        ? [`its router stops: DNS records and load balancers should no longer point to ${this.#node.address}`]
        : []),
    ];
  }
}

/** Swarm never starts a one-off a second time. */
function isDetached({ service }: PlacedTask): boolean {
  return service.labels[label.kind] === KIND.detached;
}

function memory({ service }: PlacedTask): number {
  return service.reservations.memoryBytes ?? 0;
}
