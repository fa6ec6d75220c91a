import type { ServiceSpec } from '#engine';
import { MiB } from '#values/size.ts';
import { AGENT_PORT } from '../names.ts';
import type { ClusterSpec } from '../setup/cluster-spec.ts';
import { CA_FILE, caFile, networksOf, shared, type ServiceParts, type TrustRefs } from './service-parts.ts';

/**
 * Exposes the node's engine to the controller over mutual TLS, on a network only the platform uses, and keeps web
 * processes apart on the proxy network.
 */
export function agentService(spec: ClusterSpec, parts: ServiceParts, trusted: TrustRefs): ServiceSpec {
  return {
    ...shared(spec, 'agent', parts),
    args: ['node', 'agent.js'],
    env: {
      MOTHERSHIP_AGENT_PORT: String(AGENT_PORT),
      MOTHERSHIP_AGENT_CERT_FILE: '/run/secrets/agent-cert',
      MOTHERSHIP_AGENT_KEY_FILE: '/run/secrets/agent-key',
      MOTHERSHIP_AGENT_CA_FILE: CA_FILE,
      MOTHERSHIP_AGENT_PROXY_NETWORK: parts.networks.proxy,
    },
    user: 'root',
    // Enters the namespace of the proxy network, and keeps the rules in there.
    capAdd: ['SYS_ADMIN', 'NET_ADMIN'],
    mounts: [
      { type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock' },
      { type: 'bind', source: '/run/docker/netns', target: '/run/docker/netns' },
    ],
    secrets: [
      { ...trusted.agentCert, path: '/run/secrets/agent-cert', mode: 0o400 },
      { ...trusted.agentKey, path: '/run/secrets/agent-key', mode: 0o400 },
    ],
    configs: [caFile(trusted)],
    // As long as the agent is on the proxy network, the engine keeps its namespace, and so its rules.
    networks: networksOf(parts, 'agent'),
    replicas: 'global',
    endpointMode: 'dnsrr',
    limits: { memoryBytes: 256 * MiB, pids: 128 },
    stopGraceMs: 5_000,
    updateOrder: 'stop-first',
  };
}
