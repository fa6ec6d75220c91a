import type { DockerClient } from './docker-client.ts';
import { filterArguments, labelsOf } from './practice-plan.ts';
import { practiceLabel } from '#labels.ts';
import { kind, networkName, parseNetwork, parseNodes, type NodeNetwork, type PracticeNode } from './practice-node.ts';

/** Containers that act as nodes, of one cluster or all on this engine; sorted by number. */
export async function observeNodes(docker: DockerClient, cluster?: string): Promise<PracticeNode[]> {
  const filter = filterArguments(
    cluster === undefined ? { [practiceLabel.kind]: kind.node } : labelsOf(cluster, kind.node),
  );
  const ids = await docker.must('list practice nodes', ['ps', '--all', '--quiet', '--no-trunc', ...filter]);
  if (ids === '') return [];
  return parseNodes(await docker.must('read practice nodes', ['inspect', '--type', 'container', ...ids.split('\n')]));
}

export async function observeNetwork(
  docker: DockerClient,
  cluster: string,
  name = networkName(cluster),
): Promise<NodeNetwork | undefined> {
  const { code, stdout } = await docker.run(['network', 'inspect', name]);
  return code === 0 ? parseNetwork(stdout) : undefined;
}
