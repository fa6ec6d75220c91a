import type { NodeChange, NodeInfo, Nodes } from '#engine';
import { fail, isMothershipError } from '#errors';

const ATTEMPTS = 10;

export async function findNode(engine: Nodes, id: string): Promise<NodeInfo | undefined> {
  return (await engine.nodes()).find((node) => node.id === id);
}

/** Changes a node based on its current state, retrying concurrent changes. Throws NODE_NOT_FOUND. */
export async function changeNode(engine: Nodes, id: string, decide: (node: NodeInfo) => NodeChange): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const node = await findNode(engine, id);
    if (!node) throw fail('NODE_NOT_FOUND', { node: id });
    try {
      return await engine.updateNode(id, node.version, decide(node));
    } catch (error) {
      if (!isMothershipError(error, 'CONFLICT') || attempt === ATTEMPTS) throw error;
    }
  }
}
