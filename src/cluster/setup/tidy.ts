import { KIND, label } from '#labels.ts';
import { ownContainers } from '#ownership.ts';
import type { Engine } from '#engine';
import { isMothershipError } from '#errors';
import type { ClusterSpec } from './cluster-spec.ts';

/** Removes leftovers of earlier setups: unused images of older recipes, and interrupted probes. */
export async function tidy(engine: Engine, { images }: ClusterSpec): Promise<void> {
  const probes = await ownContainers(engine, { [label.kind]: KIND.probe });
  for (const probe of probes.filter((container) => !container.running)) await engine.removeContainer(probe.id);

  const wanted = Object.values(images).map((image) => image.tag);
  const repositories = wanted.map(repositoryOf);
  const held = (await engine.images({ [label.kind]: KIND.platformImage })).flatMap((image) => image.tags);
  for (const tag of held.filter((each) => !wanted.includes(each) && repositories.includes(repositoryOf(each)))) {
    // Swarm keeps ended containers of a service's earlier tasks for their logs.
    await engine.removeImage(tag, { force: true }).catch((error: unknown) => {
      if (!isMothershipError(error, 'ENGINE_FAILED')) throw error;
    });
  }
}

function repositoryOf(tag: string): string {
  return tag.slice(0, tag.lastIndexOf(':'));
}
