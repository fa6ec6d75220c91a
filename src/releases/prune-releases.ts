import type { ReleasePorts } from './ports.ts';
import { removeAppImage } from '#builds';
import { appRepository } from '#registry';

/** Releases and builds kept per app; the whole store must stay under 20 MB with 500 apps. */
export const KEPT = 20;

/** Deletes old releases, and images no kept release needs. The live and the previous release always stay. */
export async function pruneReleases(
  { store, engine, images: shared, logger }: ReleasePorts,
  app: string,
): Promise<void> {
  const [record, releases] = await Promise.all([store.apps.byId(app), store.releases.list(app)]);
  const needed = new Set([record?.live?.release, record?.previous?.release]);
  const isKept = (version: number, position: number): boolean => position < KEPT || needed.has(version);
  const kept = releases.filter(({ record: release }, position) => isKept(release.version, position));
  const old = releases.filter((release) => !kept.includes(release));
  const images = new Set(kept.map(({ record: release }) => release.image));
  for (const { record: release } of old) {
    await store.releases.remove(app, release.version);
    if (!release.image || images.has(release.image)) continue;
    await shared
      .forget(appRepository(app), release.image)
      .catch((error: unknown) => logger.warn({ err: error, image: release.image }, 'kept an image in the registry'));
    // An image that another app or a container uses stays, which is fine.
    const remove =
      release.kind === 'image' ? engine.removeImage(release.image) : removeAppImage(engine, app, release.image);
    await remove.catch((error: unknown) => logger.warn({ err: error, image: release.image }, 'kept an image'));
  }
}
