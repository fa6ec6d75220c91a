import { nodeLabel } from '#labels.ts';
import type { NodeInfo } from '#engine';
import { rolesOf } from './labels.ts';

/** Swarm constraints for routers: nodes with that role if there are any, else every node. */
export function routerConstraints(nodes: readonly Pick<NodeInfo, 'labels'>[]): string[] {
  return nodes.some((node) => rolesOf(node).includes('router')) ? [`node.labels.${nodeLabel.role}router==true`] : [];
}

/** Explains what a change of the role means for DNS. */
export function explainRouters(nodes: readonly Pick<NodeInfo, 'labels' | 'hostname' | 'address'>[]): string {
  const chosen = nodes.filter((node) => rolesOf(node).includes('router'));
  if (chosen.length === 0) return 'Routers run on every node.';
  const names = chosen.map(({ hostname, address }) => `${hostname} (${address})`).join(', ');
  return (
    `Routers run only on ${names}: point the DNS records of apps ` +
    `there.${chosen.length === 1 ? ' That node is a single point of failure.' : ''}`
  );
}
