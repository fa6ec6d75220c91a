import type { NodeInfo, Nodes, ServiceInfo, Services, TaskInfo } from '#engine';

/** A snapshot of the Swarm, for plans about nodes. `tasks` are those with desired state running. */
export interface ObservedSwarm {
  readonly nodes: readonly NodeInfo[];
  readonly services: readonly ServiceInfo[];
  readonly tasks: readonly TaskInfo[];
}

export async function observeSwarm(engine: Nodes & Services): Promise<ObservedSwarm> {
  const [nodes, services, tasks] = await Promise.all([
    engine.nodes(),
    engine.services({}),
    engine.tasks({ desired: 'running' }),
  ]);
  return { nodes, services, tasks: tasks.filter((task) => task.desired === 'running') };
}

/** A task with its service; tasks of removed services are left out. */
export interface PlacedTask {
  readonly task: TaskInfo;
  readonly service: ServiceInfo;
}

export function tasksOn({ services, tasks }: ObservedSwarm, node: Pick<NodeInfo, 'id'>): PlacedTask[] {
  const byId = new Map(services.map((service) => [service.id, service]));
  return tasks
    .filter((task) => task.nodeId === node.id)
    .flatMap((task) => {
      const service = byId.get(task.serviceId);
      return service ? [{ task, service }] : [];
    });
}

/** Reservations and limits of a node's tasks, compared with its size. */
interface NodeLoad {
  readonly tasks: number;
  readonly reservedMemory: number;
  readonly reservedCpus: number;
  readonly limitMemory: number;
}

export function loadOf(observed: ObservedSwarm, node: NodeInfo): NodeLoad {
  const placed = tasksOn(observed, node);
  const sum = (amount: (service: ServiceInfo) => number | undefined): number =>
    placed.reduce((total, { service }) => total + (amount(service) ?? 0), 0);
  return {
    tasks: placed.length,
    reservedMemory: sum((service) => service.reservations.memoryBytes),
    reservedCpus: sum((service) => service.reservations.cpus),
    limitMemory: sum((service) => service.limits.memoryBytes),
  };
}
