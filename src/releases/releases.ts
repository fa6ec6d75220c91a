import type { ReleasePorts } from './ports.ts';
import { fail } from '#errors';
import { appRepository } from '#registry';
import { checkAddresses } from '#registry/allowed/addresses.ts';
import { checkImageName, registryOf } from '#registry/allowed/image-name.ts';
import { registriesFor } from '#registry/allowed/registries.ts';
import type { AppRecord, ReleaseRecord, StoredRelease } from '#store';
import { beginChange } from '#apps/app-change.ts';
import type { ReleaseFlow } from './release-flow.ts';
import type { Caller } from '#access/caller.ts';
import type { Body } from '#api/contract.ts';
import type { Release, Operation } from '#api';
import type { NumberedEvent } from '#events';
import { releaseOutput } from './release-output.ts';
import { deployed, releaseView } from './release-view.ts';

export interface Releases {
  list(app: string): Promise<Release[]>;
  /** `release`: `v3`, `3` or `current`. */
  info(app: string, release: string): Promise<Release>;
  create(app: string, input: Body<'releasesCreate'>, caller: Caller): Promise<Operation>;
  rollback(app: string, input: Body<'releasesRollback'>, caller: Caller): Promise<Operation>;
  /** Creates a new release from the newest one, which failed. */
  retry(app: string, caller: Caller): Promise<Operation>;
  /** What its release command and the start of its processes wrote; live while they run. */
  output(app: string, release: string, from: number, signal: AbortSignal): AsyncIterable<NumberedEvent>;
}

const PREBUILT = { build: null, kind: 'image', processTypes: { web: null } } as const;

export function releases(parts: ReleasePorts, flow: ReleaseFlow): Releases {
  const { store } = parts;
  const find = (app: string, release: string) => findRelease(store, app, release);
  return {
    async list(app) {
      const record = await store.apps.get(app);
      return (await store.releases.list(record.id)).map((release) => releaseView(release, record));
    },

    async info(app, release) {
      const { record, found } = await find(app, release);
      return releaseView(found, record);
    },

    create(app, { image, ref = image }, caller) {
      const change = { kind: 'deploy', app, caller, check: isAllowed(parts, image) } as const;
      return beginChange(parts, change, async (record, work) => {
        const id = await imageId(parts, image, work.emit, work.signal);
        const { config = {} } = (await flow.liveRelease(record)) ?? {};
        const content = { ...PREBUILT, image: id, ref, config, description: `Deploy ${image}`, by: caller.user };
        return deployed(parts, record, await flow.release(record, content, work));
      });
    },

    rollback(app, { version }, caller) {
      const check = async (record: AppRecord) => void (await target(store, record, version));
      return beginChange(parts, { kind: 'rollback', app, caller, check }, async (record, work) => {
        const { record: old } = await target(store, record, version);
        await checkImage(parts, old);
        const content = { ...old, description: `Rollback to v${old.version}`, by: caller.user };
        return deployed(parts, record, await flow.release(record, content, work));
      });
    },

    retry(app, caller) {
      const check = async (record: AppRecord) => void (await failed(store, record));
      return beginChange(parts, { kind: 'retry', app, caller, check }, async (record, work) => {
        const old = await failed(store, record);
        await checkImage(parts, old);
        const content = { ...old, description: retryOf(old), by: caller.user };
        return deployed(parts, record, await flow.release(record, content, work));
      });
    },

    async *output(app, release, from, signal) {
      const { found } = await find(app, release);
      yield* releaseOutput(parts, found.record, from, signal);
    },
  };
}

/** Throws IMAGE_UNAVAILABLE. */
async function checkImage({ images }: ReleasePorts, { app, image }: ReleaseRecord): Promise<void> {
  if (image && !(await images.has(appRepository(app), image)))
    throw fail('IMAGE_UNAVAILABLE', { image, why: 'it no longer exists on this cluster' });
}

/** The newest release: an earlier one lacks what later ones have changed. Throws RELEASE_NOT_FAILED. */
async function failed(store: ReleasePorts['store'], { id, name }: AppRecord): Promise<ReleaseRecord> {
  const [newest] = await store.releases.list(id);
  if (!newest) throw fail('APP_HAS_NO_RELEASE', { app: name });
  const { record, status } = newest;
  if (status.status !== 'failed') throw fail('RELEASE_NOT_FAILED', { app: name, version: `v${record.version}` });
  return record;
}

/** Heroku's words; a retry of a retry names the first one. */
function retryOf({ version, description }: ReleaseRecord): string {
  return /^Retry of v\d+: /.test(description) ? description : `Retry of v${version}: ${description}`;
}

/** `release`: `v3`, `3` or `current`. Throws RELEASE_NOT_FOUND. */
async function findRelease(
  store: ReleasePorts['store'],
  app: string,
  release: string,
): Promise<{ record: AppRecord; found: StoredRelease }> {
  const record = await store.apps.get(app);
  const version = release === 'current' ? record.live?.release : parseVersion(release);
  const found = version === undefined ? undefined : await store.releases.find(record.id, version);
  if (!found) throw fail('RELEASE_NOT_FOUND', { app, version: release });
  return { record, found };
}

/** The check throws IMAGE_REFUSED or ADDRESS_PRIVATE. */
function isAllowed({ store, cluster, resolve }: ReleasePorts, image: string): () => Promise<void> {
  return async () => {
    const rules = registriesFor(await store.settings.builds(), cluster.registry);
    const host = checkImageName(image, rules, '--image');
    await checkAddresses(host ? [host] : [], resolve);
  };
}

async function imageId(
  { engine, store }: ReleasePorts,
  image: string,
  emit: (event: { type: 'output'; source: string; line: string }) => void,
  signal: AbortSignal,
): Promise<string> {
  if (!(await engine.image(image))) {
    const { logins } = registriesFor(await store.settings.builds());
    const auth = logins.find(({ host }) => host === registryOf(image));
    await engine.pullImage(image, (line) => emit({ type: 'output', source: 'pull', line }), signal, auth);
  }
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
