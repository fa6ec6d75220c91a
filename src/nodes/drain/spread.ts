import { counted } from '#values/counted.ts';
import type { NodeInfo, ServiceInfo, TaskInfo } from '#engine';
import { isUsable, satisfies, zoneOf } from '../labels.ts';
import type { ObservedSwarm } from '../observed.ts';
import { Placement } from '../scheduler.ts';

interface SpreadShortfall {
  readonly tasks: number;
  readonly zones: number;
  /** The number of zones they could use. */
  readonly possible: number;
}

/** Reports process types whose tasks use fewer zones than they could; nothing without zones. */
export function spreadShortfall(
  nodes: readonly NodeInfo[],
  constraints: readonly string[],
  tasks: readonly Pick<TaskInfo, 'nodeId'>[],
): SpreadShortfall | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const fitting = nodes.filter((node) => isUsable(node) && satisfies(node, constraints));
  const open = new Set(fitting.flatMap((node) => zoneOf(node) ?? []));
  const used = new Set(tasks.flatMap((task) => zoneOf(byId.get(task.nodeId) ?? { labels: {} }) ?? []));
  const possible = Math.min(tasks.length, new Set([...open, ...used]).size);
  return used.size < possible ? { tasks: tasks.length, zones: used.size, possible } : undefined;
}

/** Services that restart together: the process types of an app. */
export interface Movable {
  readonly id: string;
  readonly services: readonly ServiceInfo[];
}

export interface RebalanceStep {
  readonly id: string;
  /** A clause, for example "3 tasks are in 1 of 3 zones". */
  readonly why: string;
}

/**
 * Chooses apps to restart, the worst spread first, so that tasks are even over zones, then over nodes within a zone,
 * then by load. Tries each restart on a model of Swarm's scheduler and keeps those that help. Pure.
 */
export function planRebalance(observed: ObservedSwarm, movables: readonly Movable[]): RebalanceStep[] {
  const nodes = observed.nodes.filter(isUsable);
  if (nodes.length < 2) return [];
  const placement = new Placement(observed);
  return worstFirst(placement, nodes, movables).flatMap((movable) => {
    if (gainOf(placement, nodes, movable) <= 0) return [];
    const step = { id: movable.id, why: whyMove(placement, nodes, movable) };
    moveAnew(placement, nodes, movable);
    return [step];
  });
}

/**
 * Sorts by unevenness, then by load of their nodes. Sorting once is enough: a step never makes another app's placement
 * worse.
 */
function worstFirst(placement: Placement, nodes: readonly NodeInfo[], movables: readonly Movable[]): Movable[] {
  const rank = ({ services }: Movable): number =>
    services.reduce((sum, service) => {
      const crowd = nodes.filter((node) => placement.of(service, node.id) > 0).map((node) => placement.total(node.id));
      return (
        sum +
        zoneGap(placement, nodes, service) * WEIGHT.zone +
        nodeGap(placement, nodes, service) * WEIGHT.node +
        Math.max(0, ...crowd) * WEIGHT.load
      );
    }, 0);
  const ranks = new Map(movables.map((movable) => [movable, rank(movable)]));
  return [...movables].sort((a, b) => ranks.get(b)! - ranks.get(a)!);
}

/** Zones count most: balance there is never given up for the rest. */
const WEIGHT = { zone: 1_000_000, node: 1_000, load: 1 } as const;

function gainOf(placement: Placement, nodes: readonly NodeInfo[], movable: Movable): number {
  const before = cost(placement, nodes, movable);
  const undo = moveAnew(placement, nodes, movable);
  const after = cost(placement, nodes, movable);
  undo();
  // A difference of two tasks between nodes is worth a restart; a difference of one would only swap places.
  return before - after;
}

function cost(placement: Placement, nodes: readonly NodeInfo[], { services }: Movable): number {
  const uneven = services.reduce(
    (sum, service) =>
      sum + zoneGap(placement, nodes, service) * WEIGHT.zone + nodeGap(placement, nodes, service) * WEIGHT.node,
    0,
  );
  const load = nodes.reduce((sum, node) => sum + placement.total(node.id) ** 2, 0) / 2;
  return uneven + load * WEIGHT.load;
}

/** How many more tasks the fullest zone has than the emptiest, beyond an unavoidable one. */
function zoneGap(placement: Placement, nodes: readonly NodeInfo[], service: ServiceInfo): number {
  const zones = new Map<string, number>();
  for (const node of fittingOf(nodes, service))
    zones.set(zoneOf(node) ?? '', (zones.get(zoneOf(node) ?? '') ?? 0) + placement.of(service, node.id));
  return gap([...zones.values()]);
}

function nodeGap(placement: Placement, nodes: readonly NodeInfo[], service: ServiceInfo): number {
  const fitting = fittingOf(nodes, service);
  const zones = new Set(fitting.map((node) => zoneOf(node)));
  return [...zones].reduce(
    (sum, zone) =>
      sum + gap(fitting.filter((node) => zoneOf(node) === zone).map((node) => placement.of(service, node.id))),
    0,
  );
}

function fittingOf(nodes: readonly NodeInfo[], service: ServiceInfo): NodeInfo[] {
  return nodes.filter((node) => satisfies(node, service.constraints));
}

function gap(counts: readonly number[]): number {
  return counts.length === 0 ? 0 : Math.max(0, Math.max(...counts) - Math.min(...counts) - 1);
}

/** Places all tasks of the services again, like a restart. Returns a function that undoes it. */
function moveAnew(placement: Placement, nodes: readonly NodeInfo[], { services }: Movable): () => void {
  const changes: { service: ServiceInfo; nodeId: string; sign: 1 | -1 }[] = [];
  const change = (service: ServiceInfo, nodeId: string, sign: 1 | -1): void => {
    placement.add(service, nodeId, sign);
    changes.push({ service, nodeId, sign });
  };
  const counts = services.map((service) => ({
    service,
    count: nodes.reduce((sum, node) => sum + placement.of(service, node.id), 0),
  }));
  for (const { service } of counts)
    for (const node of nodes) for (let n = placement.of(service, node.id); n > 0; n--) change(service, node.id, -1);
  for (const { service, count } of counts) {
    for (let n = 0; n < count; n++) {
      const node = placement.choose(service);
      if (node) change(service, node.id, 1);
    }
  }
  return () => changes.forEach(({ service, nodeId, sign }) => placement.add(service, nodeId, sign === 1 ? -1 : 1));
}

function whyMove(placement: Placement, nodes: readonly NodeInfo[], { services }: Movable): string {
  const worst = services
    .map((service) => ({
      service,
      zones: zoneGap(placement, nodes, service),
      nodes: nodeGap(placement, nodes, service),
    }))
    .sort((a, b) => b.zones - a.zones || b.nodes - a.nodes)[0]!;
  const used = nodes.filter((node) => placement.of(worst.service, node.id) > 0);
  const count = used.reduce((sum, node) => sum + placement.of(worst.service, node.id), 0);
  const tasks = counted(count, 'tasks');
  const zones = new Set(fittingOf(nodes, worst.service).map((node) => zoneOf(node)));
  if (worst.zones > 0) return `${tasks} in ${new Set(used.map((node) => zoneOf(node))).size} of ${zones.size} zones`;
  if (worst.nodes > 0) return `${tasks} on ${used.length} of ${fittingOf(nodes, worst.service).length} nodes`;
  const fullest = [...used].sort((a, b) => placement.total(b.id) - placement.total(a.id))[0];
  return fullest ? `${fullest.hostname} has ${counted(placement.total(fullest.id), 'tasks')}, more than others` : tasks;
}
