import type { ReleasePorts } from './ports.ts';
import { fail } from '../errors/index.ts';
import { appRepository } from '../registry/index.ts';
import type { AppRecord, ReleaseRecord, StoredRelease } from '../store/index.ts';
import { beginChange } from '../apps/app-change.ts';
import type { OperationRun } from '../operations/operations.ts';
import type { ReleaseFlow } from './release-flow.ts';
import type { Caller } from '../access/caller.ts';
import type { Body } from '../api/contract.ts';
import type { Release, Operation } from '../api/index.ts';
import { deployed, releaseView } from './release-view.ts';

export interface Releases {
  list(app: string): Promise<Release[]>;
  /** `release`: `v3`, `3` or `current`. */
  info(app: string, release: string): Promise<Release>;
  create(app: string, input: Body<'releasesCreate'>, caller: Caller): Promise<Operation>;
  rollback(app: string, input: Body<'releasesRollback'>, caller: Caller): Promise<Operation>;
}

export function releases(parts: ReleasePorts, flow: ReleaseFlow): Releases {
  const { store } = parts;
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
      return beginChange(parts, { kind: 'deploy', app, caller }, (record, work) =>
        deployImage(parts, flow, record, { image, ref, by: caller.user }, work),
      );
    },

    rollback(app, { version }, caller) {
      const check = async (record: AppRecord) => void (await target(store, record, version));
      return beginChange(parts, { kind: 'rollback', app, caller, check }, (record, work) =>
        rollBack(parts, flow, record, { version, by: caller.user }, work),
      );
    },
  };
}

async function deployImage(
  parts: ReleasePorts,
  flow: ReleaseFlow,
  app: AppRecord,
  { image, ref, by }: { image: string; ref: string; by: string },
  work: OperationRun,
): Promise<Record<string, unknown>> {
  const id = await imageId(parts, image, work.emit, work.signal);
  const config = (await flow.liveRelease(app))?.config ?? {};
  const description = `Deploy ${image}`;
  const processTypes = { web: null };
  const release = { image: id, build: null, ref, kind: 'image', processTypes, config, description, by } as const;
  return deployed(parts, app, await flow.release(app, release, work));
}

async function rollBack(
  parts: ReleasePorts,
  flow: ReleaseFlow,
  app: AppRecord,
  { version, by }: { version: number | undefined; by: string },
  work: OperationRun,
): Promise<Record<string, unknown>> {
  const { record: old } = await target(parts.store, app, version);
  if (old.image && !(await parts.images.has(appRepository(app.id), old.image)))
    throw fail('IMAGE_UNAVAILABLE', { image: old.image, why: 'it no longer exists on this cluster' });
  const description = `Rollback to v${old.version}`;
  return deployed(parts, app, await flow.release(app, { ...old, description, by }, work));
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
