import type { NodeInfo, ServiceInfo } from '#engine';
import { isUsable, satisfies, zoneOf } from './labels.ts';
import type { ObservedSwarm } from './observed.ts';

/** A model of the Swarm's nodes and tasks, to try placements. Places tasks like Swarm's scheduler. */
export class Placement {
  readonly #nodes: readonly NodeInfo[];
  readonly #tasks = new Map<string, number>();
  readonly #reserved = new Map<string, number>();
  readonly #byService = new Map<string, Map<string, number>>();

  constructor({ nodes, services, tasks }: ObservedSwarm) {
    this.#nodes = nodes;
    const byId = new Map(services.map((service) => [service.id, service]));
    for (const { serviceId, nodeId } of tasks) {
      const service = byId.get(serviceId);
      if (service && nodeId) this.add(service, nodeId);
    }
  }

  add(service: ServiceInfo, nodeId: string, sign: 1 | -1 = 1): void {
    const own = this.#byService.get(service.id) ?? new Map<string, number>();
    this.#byService.set(service.id, own.set(nodeId, (own.get(nodeId) ?? 0) + sign));
    this.#tasks.set(nodeId, this.total(nodeId) + sign);
    this.#reserved.set(nodeId, (this.#reserved.get(nodeId) ?? 0) + sign * (service.reservations.memoryBytes ?? 0));
  }

  total(nodeId: string): number {
    return this.#tasks.get(nodeId) ?? 0;
  }

  of(service: ServiceInfo, nodeId: string): number {
    return this.#byService.get(service.id)?.get(nodeId) ?? 0;
  }

  /** Nodes that may run new tasks of the service, with or without room. */
  allowed(service: ServiceInfo): NodeInfo[] {
    return this.#nodes.filter((node) => isUsable(node) && satisfies(node, service.constraints));
  }

  hasRoom(service: ServiceInfo, node: NodeInfo): boolean {
    return (this.#reserved.get(node.id) ?? 0) + (service.reservations.memoryBytes ?? 0) <= node.memoryBytes;
  }

  /**
   * Returns where Swarm would put one more task: the zone with fewest tasks of the service, there the node with fewest,
   * then the least loaded.
   */
  choose(service: ServiceInfo): NodeInfo | undefined {
    const fitting = this.allowed(service).filter((node) => this.hasRoom(service, node));
    const zones = new Map<string, number>();
    for (const node of this.#nodes)
      zones.set(zoneOf(node) ?? '', (zones.get(zoneOf(node) ?? '') ?? 0) + this.of(service, node.id));
    const rank = (node: NodeInfo): number[] => [
      zones.get(zoneOf(node) ?? '') ?? 0,
      this.of(service, node.id),
      this.total(node.id),
    ];
    return fitting.sort((a, b) => compare(rank(a), rank(b)))[0];
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, i) => value !== b[i]);
  return index < 0 ? 0 : a[index]! - b[index]!;
}
