import { counted } from '#values/counted.ts';
import type { NodeInfo } from '#engine';

/** Raft: a majority of the managers must reach each other, or nothing can be changed. */
interface Quorum {
  readonly managers: number;
  readonly reachable: number;
  readonly needed: number;
  readonly kept: boolean;
}

export function quorumOf(nodes: readonly NodeInfo[]): Quorum {
  const managers = nodes.filter((node) => node.role === 'manager');
  const reachable = managers.filter((node) => node.state !== 'down' && node.reachability !== 'unreachable').length;
  const needed = Math.floor(managers.length / 2) + 1;
  return { managers: managers.length, reachable, needed, kept: managers.length > 0 && reachable >= needed };
}

function quorumWithout(nodes: readonly NodeInfo[], leaving: Pick<NodeInfo, 'id'>): Quorum {
  return quorumOf(nodes.filter((node) => node.id !== leaving.id));
}

/** Returns why the node cannot be demoted; `undefined` if it can. */
export function refusesDemotion(nodes: readonly NodeInfo[], leaving: NodeInfo): string | undefined {
  const { managers, reachable, needed, kept } = quorumWithout(nodes, leaving);
  if (managers === 0) return 'it is the only manager';
  return kept ? undefined : `${reachable} of the ${managers} other managers can be reached, but ${needed} are required`;
}

/** Explains the number of managers in one sentence. */
export function explainManagers(count: number): string {
  const survives = Math.floor((count - 1) / 2);
  const loss =
    survives === 0
      ? 'the cluster cannot be changed while one of them is down'
      : `the cluster tolerates the loss of ${survives === 1 ? 'one' : survives}`;
  return `With ${counted(count, 'managers')}, ${loss}.`;
}

/** An even number costs a machine and tolerates no more failures than one fewer. */
export function warnOfManagers(count: number): string | undefined {
  if (count % 2 === 0) return `${explainManagers(count)} That is no better than ${count - 1}: use 1, 3 or 5 managers.`;
  return count > 7
    ? `${explainManagers(count)} Every change must reach a majority of them, so more than 5 managers only slow it down.`
    : undefined;
}
