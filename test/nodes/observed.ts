import type { NodeInfo, ServiceInfo, TaskInfo } from '../../src/engine/index.ts';
import type { ObservedSwarm } from '../../src/nodes/observed.ts';

export const MB = 2 ** 20;

/** `node('b', { zone: 'x' })`: a worker that is ready. */
export function node(
  id: string,
  { zone, roles = [], ...change }: Partial<NodeInfo> & { zone?: string; roles?: string[] } = {},
): NodeInfo {
  const labels = {
    ...(zone ? { 'mothership.zone': zone } : {}),
    ...Object.fromEntries(roles.map((role) => [`mothership.role.${role}`, 'true'])),
  };
  const role = change.role ?? 'worker';
  return {
    ...{
      id,
      version: 1,
      hostname: id,
      role,
      availability: 'active',
      state: 'ready',
      address: '10.0.0.1',
      leader: false,
    },
    ...{
      reachability: role === 'manager' ? 'reachable' : undefined,
      labels,
      cpus: 2,
      memoryBytes: 1024 * MB,
      engineVersion: '26.1.5',
      ...change,
    },
  };
}

export function service(name: string, change: Partial<ServiceInfo> = {}): ServiceInfo {
  return {
    ...{
      id: name,
      name,
      version: 1,
      labels: {},
      image: 'i',
      replicas: 1,
      constraints: [],
      reservations: {},
      limits: {},
      volumes: [],
      createdAt: '',
    },
    ...change,
  };
}

/** Services with the nodes that their tasks are on: `[[service('web'), 'a', 'a', 'b']]`. */
export function observed(nodes: NodeInfo[], placed: readonly (readonly [ServiceInfo, ...string[]])[]): ObservedSwarm {
  const tasks = placed.flatMap(([{ id }, ...on]) =>
    on.map((nodeId, index) => task(`${id}.${index + 1}`, id, nodeId, index + 1)),
  );
  return { nodes, services: placed.map(([each]) => each), tasks };
}

function task(id: string, serviceId: string, nodeId: string, slot: number): TaskInfo {
  return {
    ...{
      id,
      serviceId,
      slot,
      nodeId,
      state: 'running',
      desired: 'running',
      message: '',
      error: '',
      exitCode: undefined,
      image: 'i',
    },
    ...{ containerId: undefined, labels: {}, addresses: {}, createdAt: '', since: '' },
  };
}
