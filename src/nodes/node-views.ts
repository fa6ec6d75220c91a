import { label, processName } from '#labels.ts';
import type { Node, NodeDetails } from '#api';
import type { NodeInfo } from '#engine';
import { loadOf, tasksOn, type ObservedSwarm, type PlacedTask } from './observed.ts';
import { ownLabels, rolesOf, zoneOf } from './labels.ts';
import type { NodeTask } from './node-tasks.ts';

/** Converts nodes to API objects. */
export function nodeView(observed: ObservedSwarm, node: NodeInfo): Node {
  const load = loadOf(observed, node);
  return {
    id: node.id,
    hostname: node.hostname,
    role: node.role,
    leader: node.leader,
    reachable: node.role === 'manager' ? node.reachability === 'reachable' : null,
    state: node.state,
    availability: node.availability,
    address: node.address,
    zone: zoneOf(node) ?? null,
    roles: rolesOf(node),
    labels: { ...ownLabels(node) },
    engine: node.engineVersion,
    cpus: node.cpus,
    memory: node.memoryBytes,
    tasks: load.tasks,
    reserved: { memory: load.reservedMemory, cpus: load.reservedCpus },
    limits: { memory: load.limitMemory },
  };
}

export function nodeDetails(
  observed: ObservedSwarm,
  node: NodeInfo,
  facts: { apps: ReadonlyMap<string, string>; report: NodeDetails['report']; task: NodeTask | undefined },
): NodeDetails {
  const { apps, report, task } = facts;
  const placed = tasksOn(observed, node).map((each) => {
    const app = apps.get(each.service.labels[label.app] ?? '') ?? null;
    return {
      name: app ? nameOf(each) : each.service.name,
      app,
      state: each.task.state,
      since: each.task.since,
      memory: each.service.limits.memoryBytes ?? null,
    };
  });
  const order = (each: (typeof placed)[number]): string => `${each.app ?? ''}/${each.name}`;
  return {
    ...nodeView(observed, node),
    placed: placed.sort((a, b) => order(a).localeCompare(order(b), 'en', { numeric: true })),
    report,
    operation: task ? { id: task.operation, kind: task.kind, by: task.by } : null,
  };
}

/** Returns "web.1 of shop", or the service's name. */
export function taskName(apps: ReadonlyMap<string, string>): (task: PlacedTask) => string {
  return (task) => {
    const app = apps.get(task.service.labels[label.app] ?? '');
    return app ? `${nameOf(task)} of ${app}` : task.service.name;
  };
}

function nameOf({ service, task }: PlacedTask): string {
  return label.type in service.labels ? processName(service.labels, task.slot) : `${service.name}.${task.slot}`;
}
