import type { BuildPorts } from '../ports.ts';
import type { Images } from '#engine';
import { stackRepositories } from '#registry/needed-images.ts';
import type { OperationRun } from '#operations/operations.ts';

/** A node that has not built anything yet pulls the stack first. */
export async function ensureStack(
  { images, cluster }: BuildPorts,
  engine: Images,
  name: string,
  { signal, emit }: OperationRun,
): Promise<void> {
  const stack = cluster.stacks[name]!;
  const { build, run } = stackRepositories(name);
  const onLine = (line: string): void => emit({ type: 'output', source: 'pull', line });
  for (const [repository, image] of [
    [run, stack.runImage],
    [build, stack.buildImage],
  ] as const)
    await images.ensure(repository, image, { engine, signal, onLine });
}
