import type { LabNode } from './node.js';
import type { NodeOptions } from './start-node.js';
import { newRunId, startNode } from './start-node.js';
import { NODE_IMAGE } from './image-recipes.js';
import { ensureLabImage } from './images.js';

export interface ClusterOptions extends Omit<NodeOptions, 'name' | 'kind'> {
  /** How many of the nodes are managers; the first always is. */
  managers?: number;
  /** Nodes are called <prefix>-1, <prefix>-2, ... */
  prefix?: string;
}

/** Makes the node the first manager of a new Swarm. */
export async function initSwarm(node: LabNode): Promise<void> {
  await node.docker(['swarm', 'init', '--advertise-addr', node.ip]);
}

/** Lets a node join the manager's Swarm. */
export async function joinSwarm(manager: LabNode, node: LabNode, role: 'worker' | 'manager' = 'worker'): Promise<void> {
  const token = await manager.docker(['swarm', 'join-token', '-q', role]);
  await node.docker(['swarm', 'join', '--advertise-addr', node.ip, '--token', token, `${manager.ip}:2377`]);
}

/** Starts n nodes and forms a Swarm of them; the first is the leader. */
export async function startCluster(n: number, options: ClusterOptions = {}): Promise<LabNode[]> {
  const { managers = 1, prefix = 'node', ...common } = options;
  const runId = options.runId ?? newRunId();
  await ensureLabImage(options.image ?? NODE_IMAGE);
  const names = Array.from({ length: n }, (_, index) => `${prefix}-${index + 1}`);
  const nodes = await Promise.all(names.map((name) => startNode({ ...common, name, runId })));
  const [leader, ...others] = nodes;
  if (!leader) return nodes;
  await initSwarm(leader);
  for (const [index, node] of others.entries()) {
    await joinSwarm(leader, node, index + 1 < managers ? 'manager' : 'worker');
  }
  return nodes;
}
