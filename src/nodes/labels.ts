import type { Labels, NodeInfo } from '#engine';
import { nodeLabel } from '#labels.ts';

/** Builders build images, routers face the internet. If no node has a role, every node may do its work. */
export const NODE_ROLES = ['builder', 'router'] as const;
type NodeRole = (typeof NODE_ROLES)[number];

/** What Swarm spreads an app's tasks over. */
export const SPREAD_OVER_ZONES = [`node.labels.${nodeLabel.zone}`] as const;

export function zoneOf(node: Pick<NodeInfo, 'labels'>): string | undefined {
  return node.labels[nodeLabel.zone] || undefined;
}

export function rolesOf(node: Pick<NodeInfo, 'labels'>): NodeRole[] {
  return NODE_ROLES.filter((role) => node.labels[nodeLabel.role + role] === 'true');
}

/** Labels set by users. */
export function ownLabels(node: Pick<NodeInfo, 'labels'>): Labels {
  return Object.fromEntries(Object.entries(node.labels).filter(([key]) => !key.startsWith('mothership.')));
}

/** Whether the node accepts new tasks. */
export function isUsable(node: NodeInfo): boolean {
  return node.state === 'ready' && node.availability === 'active';
}

/** Whether a task with these Swarm constraints may run there. An unknown constraint counts as satisfied. */
export function satisfies(node: NodeInfo, constraints: readonly string[]): boolean {
  return constraints.every((constraint) => {
    const [, key = '', operator, value = ''] = /^\s*(\S+?)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? [];
    const actual = fact(node, key);
    return actual === undefined || (actual.toLowerCase() === value.toLowerCase()) === (operator === '==');
  });
}

function fact(node: NodeInfo, key: string): string | undefined {
  if (key.startsWith('node.labels.')) return node.labels[key.slice('node.labels.'.length)] ?? '';
  return { 'node.id': node.id, 'node.role': node.role, 'node.hostname': node.hostname }[key];
}
