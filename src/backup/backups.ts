import type { BackupPorts } from './ports.ts';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { FORMAT_VERSION, imagesOf, type AppBackup, type BackupContents, type ImageBackup } from './contents.ts';
import { packBackup } from './pack.ts';
import { planRestore } from './restore-plan.ts';
import { readBackup } from './unpack.ts';
import { fail, isMothershipError } from '#errors';
import { appRepository } from '#registry';
import type { AppRecord } from '#store';
import { Operations } from '#operations/operations.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import { Restore } from './restore.ts';
import { RouterCertificate } from './router-certificate.ts';
import type { Caller } from '#access/caller.ts';
import type { Query } from '#api/contract.ts';
import type { Operation } from '#api';
import { isoNow } from '#events/clock.ts';

/** An incoming backup, verified completely before anything changes. */
interface RestoreRequest {
  readonly archive: Readable;
  readonly options: Query<'backupRestore'>;
}

export interface Backups {
  /** A tar; the stream fails if it cannot be completed. */
  create(options: Query<'backupCreate'>): Promise<Readable>;
  /** Resolves when the backup has been received and matches the cluster. Throws BACKUP_* errors or RESTORE_CONFLICT. */
  restore(request: RestoreRequest, caller: Caller): Promise<Operation>;
}

export function backup(parts: BackupPorts, flow: ReleaseFlow, version: string): Backups {
  const { cluster, dataDir, operations } = parts;
  let restoring = false;
  return {
    create: ({ images = true }) => createBackup(parts, version, images),

    async restore({ archive, options }, caller) {
      const { replace = false, confirm = '', tokens = true } = options;
      if (replace && confirm !== cluster.name) throw fail('CONFIRM_MISMATCH', { app: cluster.name, given: confirm });
      if (restoring) throw fail('RESTORE_RUNNING', {});
      restoring = true;
      const id = Operations.newId();
      const path = join(dataDir, 'uploads', `${id}.backup`);
      const finish = async (): Promise<void> => {
        restoring = false;
        await rm(path, { force: true });
      };
      try {
        const contents = await receive(archive, path);
        const plan = planRestore(contents, await target(parts, contents, replace));
        const restore = new Restore(parts, flow, { contents, plan, path, by: caller.user, tokens });
        const subject = { kind: 'cluster', name: cluster.name } as const;
        return await operations.begin(id, { kind: 'restore', subject, by: caller.user }, (work) =>
          restore.run(work).finally(finish),
        );
      } catch (error) {
        await finish();
        throw error;
      }
    },
  };
}

async function createBackup(parts: BackupPorts, version: string, images: boolean): Promise<Readable> {
  const { store, cluster, clock, engine } = parts;
  const [tokens, certificate, apps, builds] = await Promise.all([
    store.tokens.list(),
    new RouterCertificate(parts).read(),
    store.apps.list(),
    store.settings.builds(),
  ]);
  const needed = new Map<string, string>();
  return packBackup({
    manifest: {
      format: 'mothership-backup',
      version: FORMAT_VERSION,
      cluster: cluster.name,
      domain: cluster.domain,
      mothership: version,
      createdAt: isoNow(clock),
      images,
    },
    cluster: { ...cluster, builds },
    tokens,
    certificate,
    apps: appBackups(parts, apps, needed),
    images: () => heldImages(parts, needed),
    ...(images ? { saveImages: (held) => engine.saveImages(held.map(({ id }) => id)) } : {}),
  });
}

/**
 * Yields each app without operations in progress, and collects the images its releases need, each with an app that has
 * it.
 */
async function* appBackups(
  { store }: BackupPorts,
  apps: readonly AppRecord[],
  needed: Map<string, string>,
): AsyncGenerator<AppBackup> {
  for (const { lease: _lease, previous: _previous, ...app } of apps) {
    const [releases, builds] = await Promise.all([store.releases.list(app.id), store.builds.list(app.id)]);
    const backup = {
      app,
      releases: releases.filter(({ status }) => status.status !== 'pending'),
      builds: builds.filter(({ status }) => status.status !== 'running'),
    };
    for (const image of imagesOf(backup)) needed.set(image, app.id);
    yield backup;
  }
}

/**
 * Returns images, fetching missing ones from the registry. Images that no longer exist are left out, and the restore
 * reports their releases.
 */
async function heldImages(
  { engine, images }: BackupPorts,
  needed: ReadonlyMap<string, string>,
): Promise<ImageBackup[]> {
  const held: ImageBackup[] = [];
  for (const [id, app] of needed) {
    await images.ensure(appRepository(app), id).catch((error: unknown) => {
      if (!isMothershipError(error, 'IMAGE_GONE')) throw error;
    });
    const image = await engine.image(id);
    if (image) held.push({ id, tags: image.tags.filter(isLocal), sizeBytes: image.sizeBytes });
  }
  return held;
}

/** A tag with a registry's address is useless to another cluster. */
function isLocal(tag: string): boolean {
  return !/^[^/]*[.:][^/]*\//.test(tag);
}

/** Saves the backup to disk while verifying it completely. */
async function receive(archive: Readable, path: string): Promise<BackupContents> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx', 0o600);
  async function* kept(): AsyncGenerator<Buffer> {
    for await (const chunk of archive) {
      await file.writeFile(chunk as Buffer);
      yield chunk as Buffer;
    }
  }
  try {
    return await readBackup(kept());
  } finally {
    await file.close();
  }
}

async function target({ store, images, cluster }: BackupPorts, contents: BackupContents, replace: boolean) {
  const wanted = new Map(contents.apps.flatMap((app) => imagesOf(app).map((id) => [id, app.app.id] as const)));
  const held = new Set<string>();
  for (const [id, app] of wanted) if (await images.has(appRepository(app), id)) held.add(id);
  return { cluster, apps: await store.apps.list(), replace, images: held };
}
