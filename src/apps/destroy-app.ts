import { KIND, label } from '#labels.ts';
import { ownContainers } from '#ownership.ts';
import type { AppPorts } from './ports.ts';
import { waitUntil } from '#events';
import { imageRepository, removeAppImage } from '#builds';
import { appRepository } from '#registry';
import { appNetwork, observeServices } from '#rollout';
import type { AppRecord, ReleaseRecord } from '#store';
import { isUnderWay } from '#builds/interrupted-build.ts';
import { revokeTokensOf } from '#access/tokens.ts';

/**
 * Tasks take a few seconds to stop after their service is removed, and hold networks, volumes and images until then.
 */
const PATIENCE_MS = 60_000;

/**
 * Destroys an app: routes, services, one-off processes, releases and images, volumes, network. Its record is removed
 * last, except for the network, so that an interrupted destroy can be repeated.
 */
export async function destroyApp(parts: AppPorts, app: AppRecord): Promise<void> {
  const { engine, store, routes, operations } = parts;
  for (const service of await observeServices(engine, app.id)) await engine.removeService(service.id);
  for (const service of await engine.services({ [label.app]: app.id, [label.kind]: KIND.detached }))
    await engine.removeService(service.id);
  for (const container of await ownContainers(engine, { [label.app]: app.id, [label.kind]: KIND.run }))
    await engine.removeContainer(container.id);
  const [releases, builds] = await Promise.all([store.releases.list(app.id), store.builds.list(app.id)]);
  for (const { record, status } of builds) {
    if (isUnderWay(status)) await operations.cancel(record.operation).catch(() => undefined);
    await store.builds.remove(app.id, record.id);
    await operations.forget(record.operation);
  }
  for (const { record } of releases) await store.releases.remove(app.id, record.version);
  await revokeTokensOf(parts, app.id);
  await store.apps.remove(app.id);
  await routes.settle(app.id);
  void tidy(parts, app.id, {
    releases: releases.map(({ record }) => record),
    builds: builds.map(({ record }) => record.id),
  });
}

/**
 * Removes what running containers still hold. The network goes last: while it exists, no other app gets this id. If the
 * controller stops meanwhile, the sweep removes the rest.
 */
async function tidy(
  parts: AppPorts,
  app: string,
  { releases, builds }: { readonly releases: readonly ReleaseRecord[]; readonly builds: readonly string[] },
): Promise<void> {
  const { engine, clock, builders, images, sources } = parts;
  const until = (done: () => Promise<boolean>): Promise<true | undefined> =>
    waitUntil(clock, { every: 1000, within: PATIENCE_MS }, () => done().catch(() => false));
  await until(async () => (await ownContainers(engine, { [label.app]: app })).length === 0);
  await builders.forget(app).catch(() => undefined);
  await sources.forget(app);
  for (const volume of await engine.volumes({ [label.app]: app }))
    await engine.removeVolume(volume.name).catch(() => undefined);
  for (const image of imagesOf(releases)) await images.forget(appRepository(app), image).catch(() => undefined);
  await images.forgetAll(appRepository(app)).catch(() => undefined);
  // Images that were not built here may be used by others on this engine.
  for (const image of imagesOf(releases.filter(({ kind }) => kind !== 'image')))
    await removeAppImage(engine, app, image).catch(() => undefined);
  for (const build of builds) await engine.removeImage(`${imageRepository(app)}:${build}`).catch(() => undefined);
  await until(() => engine.removeNetwork(appNetwork(app)).then(() => true));
}

function imagesOf(releases: readonly ReleaseRecord[]): Set<string> {
  return new Set(releases.flatMap(({ image }) => image ?? []));
}
