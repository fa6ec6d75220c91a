import type { ClusterInfo } from '#api';
import type { NodeInfo } from '#engine';
import { rolesOf, zoneOf } from '#nodes';
import type { ClusterPorts } from './ports.ts';

export interface Cluster {
  info(): Promise<ClusterInfo>;
}

export function clusterNoun({ engine, store, hub, cluster, isolation }: ClusterPorts): Cluster {
  return {
    async info() {
      const [nodes, apps] = await Promise.all([engine.nodes(), store.apps.list()]);
      const port = cluster.httpPort === 80 ? '' : `:${cluster.httpPort}`;
      const { name, version, domain, publish, httpPort, httpsPort, createdAt } = cluster;
      return {
        name,
        version,
        domain,
        publish,
        httpPort,
        httpsPort,
        createdAt,
        url: `http://mothership.${domain}${port}`,
        stacks: Object.keys(cluster.stacks),
        nodes: nodes.map(nodeView),
        routers: hub
          .routers()
          .filter((router) => router.live)
          .map((router) => ({
            id: router.id,
            applied: router.applied,
            current: router.applied === hub.table?.version,
          })),
        isolation: isolation.seen?.map((node) => ({ ...node })) ?? null,
        apps: apps.length,
      };
    },
  };
}

function nodeView(node: NodeInfo): ClusterInfo['nodes'][number] {
  const { id, hostname, role, state, availability, address, cpus, engineVersion: engine, memoryBytes: memory } = node;
  const [zone, roles] = [zoneOf(node) ?? null, rolesOf(node)];
  return { id, hostname, role, state, availability, address, engine, cpus, memory, zone, roles };
}
