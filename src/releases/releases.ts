import type { ReleasePorts } from './ports.ts';
import { fail } from '#errors';
import { appRepository } from '#registry';
import type { AppRecord, ReleaseRecord, StoredRelease } from '#store';
import { beginChange } from '#apps/app-change.ts';
import type { ReleaseFlow } from './release-flow.ts';
import type { Caller } from '#access/caller.ts';
import type { Body } from '#api/contract.ts';
import type { Release, Operation } from '#api';
import { deployed, releaseView } from './release-view.ts';

export interface Releases {
  list(app: string): Promise<Release[]>;
  /** `release`: `v3`, `3` or `current`. */
  info(app: string, release: string): Promise<Release>;
  create(app: string, input: Body<'releasesCreate'>, caller: Caller): Promise<Operation>;
  rollback(app: string, input: Body<'releasesRollback'>, caller: Caller): Promise<Operation>;
}

const PREBUILT = { build: null, kind: 'image', processTypes: { web: null } } as const;

export function releases(parts: ReleasePorts, flow: ReleaseFlow): Releases {
  const { store, images } = parts;
  return {
    async list(app) {
      const record = await store.apps.get(app);
      return (await store.releases.list(record.id)).map((release) => releaseView(release, record));
    },

    async info(app, release) {
      const record = await store.apps.get(app);
      const version = release === 'current' ? record.live?.release : parseVersion(release);
      const found = version === undefined ? undefined : await store.releases.find(record.id, version);
      if (!found) throw fail('RELEASE_NOT_FOUND', { app, version: release });
      return releaseView(found, record);
    },

    create(app, { image, ref = image }, caller) {
      return beginChange(parts, { kind: 'deploy', app, caller }, async (record, work) => {
        const id = await imageId(parts, image, work.emit, work.signal);
        const config = (await flow.liveRelease(record))?.config ?? {};
        const content = { ...PREBUILT, image: id, ref, config, description: `Deploy ${image}`, by: caller.user };
        return deployed(parts, record, await flow.release(record, content, work));
      });
    },

    rollback(app, { version }, caller) {
      const check = async (record: AppRecord) => void (await target(store, record, version));
      return beginChange(parts, { kind: 'rollback', app, caller, check }, async (record, work) => {
        const { record: old } = await target(store, record, version);
        if (old.image && !(await images.has(appRepository(record.id), old.image)))
          throw fail('IMAGE_UNAVAILABLE', { image: old.image, why: 'it no longer exists on this cluster' });
        const content = { ...old, description: `Rollback to v${old.version}`, by: caller.user };
        return deployed(parts, record, await flow.release(record, content, work));
      });
    },
  };
}

async function imageId(
  { engine }: ReleasePorts,
  image: string,
  emit: (event: { type: 'output'; source: string; line: string }) => void,
  signal: AbortSignal,
): Promise<string> {
  if (!(await engine.image(image)))
    await engine.pullImage(image, (line) => emit({ type: 'output', source: 'pull', line }), signal);
  const found = await engine.image(image);
  if (!found) throw fail('IMAGE_UNAVAILABLE', { image, why: 'the engine does not have it' });
  return found.id;
}

/** Returns the requested release, or the newest successful one before the live one. */
async function target(
  store: ReleasePorts['store'],
  app: AppRecord,
  version: number | undefined,
): Promise<StoredRelease> {
  if (version !== undefined) {
    const found = await store.releases.find(app.id, version);
    if (!found) throw fail('RELEASE_NOT_FOUND', { app: app.name, version: `v${version}` });
    if (found.status.status !== 'succeeded')
      throw fail('ROLLBACK_TO_FAILED', { app: app.name, version: `v${version}` });
    return found;
  }
  const live = app.live?.release ?? 0;
  const isEarlier = (release: ReleaseRecord): boolean => release.version < live && release.image !== null;
  const found = (await store.releases.list(app.id)).find(
    ({ record, status }) => isEarlier(record) && status.status === 'succeeded',
  );
  if (!found) throw fail('ROLLBACK_NOWHERE', { app: app.name });
  return found;
}

function parseVersion(text: string): number | undefined {
  const match = /^v?(\d{1,9})$/.exec(text);
  return match ? Number(match[1]) : undefined;
}
