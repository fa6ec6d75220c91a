import type { Services } from '#engine';
import { appRepository, parseDigestReference, platformRepository } from './references.ts';
import type { NeededImages } from './image-store.ts';
import type { ClusterRecord, Store } from '#store';

/** Repositories of a stack's images. */
export function stackRepositories(stack: string): { readonly build: string; readonly run: string } {
  return { build: platformRepository(`${stack}-build`), run: platformRepository(`${stack}-run`) };
}

/**
 * What registries must keep: images of all recorded releases, since any can be rolled back to, the stacks, and images
 * used by services.
 */
export async function neededImages({
  engine,
  store,
  cluster: known,
}: {
  engine: Services;
  store: Store;
  cluster: ClusterRecord;
}): Promise<NeededImages> {
  // Services first: a release is recorded before it has services.
  const [services, cluster, apps] = await Promise.all([engine.services({}), store.cluster.get(), store.apps.list()]);
  const { stacks, references = {}, registry } = cluster ?? known;
  const images = new Map<string, Set<string>>();
  for (const [name, { buildImage, runImage }] of Object.entries(stacks)) {
    images.set(stackRepositories(name).build, new Set([buildImage]));
    images.set(stackRepositories(name).run, new Set([runImage]));
  }
  for (const { id } of apps) {
    const releases = await store.releases.list(id);
    images.set(appRepository(id), new Set(releases.flatMap(({ record }) => record.image ?? [])));
  }
  const named = [...Object.values(references), ...services.map((service) => service.image)];
  const digests = named.flatMap((reference) => parseDigestReference(registry?.prefix ?? '', reference)?.digest ?? []);
  return { images, digests: new Set(digests) };
}
