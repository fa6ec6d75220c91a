import type { ClusterInfo } from '../api/index.ts';
import { rolesOf, zoneOf } from '../nodes/index.ts';
import type { ClusterPorts } from './ports.ts';

export interface Cluster {
  info(): Promise<ClusterInfo>;
}

export function clusterNoun({ engine, store, hub, cluster }: ClusterPorts): Cluster {
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
        nodes: nodes.map((node) => ({
          id: node.id,
          hostname: node.hostname,
          role: node.role,
          state: node.state,
          availability: node.availability,
          address: node.address,
          engine: node.engineVersion,
          cpus: node.cpus,
          memory: node.memoryBytes,
          zone: zoneOf(node) ?? null,
          roles: rolesOf(node),
        })),
        routers: hub
          .routers()
          .filter((router) => router.live)
          .map((router) => ({
            id: router.id,
            applied: router.applied,
            current: router.applied === hub.table?.version,
          })),
        apps: apps.length,
      };
    },
  };
}
