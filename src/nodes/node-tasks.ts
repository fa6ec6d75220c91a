import { nodeLabel } from '#labels.ts';
import type { NodeChange, NodeInfo } from '#engine';

/** An operation on a node, stored as a label of it: if it moves the controller, the next one continues. */
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

export function withoutTask(node: NodeInfo): NodeChange {
  const { [nodeLabel.task]: _task, ...labels } = node.labels;
  return { labels };
}
