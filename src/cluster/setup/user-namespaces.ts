import type { NodeInfo } from '#engine';
import type { Secret } from '#events';
import { rolesOf } from '#nodes';
import { askNode, type ClusterAddress } from './reach.ts';

/** A node's kernel and Dockerfile builds, which need unprivileged user namespaces. */
export interface NodeNamespaces {
  readonly node: string;
  /** Settings that allow them, as `sysctl -w` accepts them; empty if the kernel does. */
  readonly missingSysctls: readonly string[];
}

/** Nodes that may build: dedicated builders, or else any manager, because the controller's own node builds. */
function buildingNodes(nodes: readonly NodeInfo[]): NodeInfo[] {
  const builders = nodes.filter((node) => rolesOf(node).includes('builder'));
  return builders.length > 0 ? builders : nodes.filter(({ role }) => role === 'manager');
}

/** What the nodes that build report; without those that do not respond or whose agent is of an earlier version. */
export async function askBuilders(
  place: ClusterAddress,
  token: Secret | undefined,
  nodes: readonly NodeInfo[],
): Promise<NodeNamespaces[]> {
  if (!token) return [];
  const asked = buildingNodes(nodes).map(async ({ id, hostname: node }) => {
    const missingSysctls = (await askNode(place, token, id))?.missingSysctls;
    return missingSysctls ? [{ node, missingSysctls }] : [];
  });
  return (await Promise.all(asked)).flat();
}

/** Describes the nodes on which Dockerfile builds fail; undefined if there are none. */
export function forbidden(
  builders: readonly NodeNamespaces[],
): { readonly detail: string; readonly fix: string } | undefined {
  const found = builders.filter(({ missingSysctls }) => missingSysctls.length > 0);
  if (found.length === 0) return undefined;
  const names = found.map(({ node }) => node).join(', ');
  const each = found.map(({ node, missingSysctls }) => `on ${node}, run \`sysctl -w ${missingSysctls.join(' ')}\``);
  return {
    detail: `${names}: unprivileged user namespaces are forbidden, so Dockerfile builds fail`,
    fix: `Allow them: ${each.join('; ')}, and add the same to /etc/sysctl.d/.`,
  };
}
