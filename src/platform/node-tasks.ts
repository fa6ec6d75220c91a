import type { Engine, NodeChange, NodeInfo } from '../engine/index.ts';
import { fail, isMothershipError } from '../errors/index.ts';
import { nodeLabel } from '../nodes/index.ts';

/** What is being done with a node, as a label of it says: a controller that is moved by it goes on in the next. */
export interface NodeTask {
  readonly kind: 'drain' | 'remove';
  readonly operation: string;
  readonly by: string;
  readonly force: boolean;
}

export function nodeTaskOf(node: Pick<NodeInfo, 'labels'>): NodeTask | undefined {
  const [kind, operation, by, force] = (node.labels[nodeLabel.task] ?? '').split(' ');
  if ((kind !== 'drain' && kind !== 'remove') || !operation || !by) return undefined;
  return { kind, operation, by, force: force === 'force' };
}

export function taskLabel({ kind, operation, by, force }: NodeTask): Record<string, string> {
  return { [nodeLabel.task]: [kind, operation, by, ...(force ? ['force'] : [])].join(' ') };
}

const ATTEMPTS = 10;

export async function findNode(engine: Engine, id: string): Promise<NodeInfo | undefined> {
  return (await engine.nodes()).find((node) => node.id === id);
}

/** Changes what the node is now, whoever else changes it meanwhile. Throws NODE_NOT_FOUND. */
export async function changeNode(engine: Engine, id: string, decide: (node: NodeInfo) => NodeChange): Promise<void> {
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

export function withoutTask(node: NodeInfo): NodeChange {
  const { [nodeLabel.task]: _task, ...labels } = node.labels;
  return { labels };
}
