import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fail } from '../errors/index.ts';
import type { StoredBuild } from '../store/index.ts';
import { Deploy } from './deploy.ts';
import { Operations } from './operations.ts';
import { isoNow, type Parts } from './parts.ts';
import type { Platform } from './platform.ts';
import type { ReleaseFlow } from './release-flow.ts';
import { buildView } from './views.ts';

export function builds(parts: Parts, flow: ReleaseFlow): Platform['builds'] {
  const { store, operations, clock, dataDir } = parts;
  const building = new Map<string, { by: string; since: number }>();

  const find = async (app: string, id: string): Promise<StoredBuild> => {
    const record = await store.apps.get(app);
    const build = await store.builds.find(record.id, id);
    if (!build) throw fail('BUILD_NOT_FOUND', { app, build: id });
    return build;
  };

  return {
    async list(app) {
      const record = await store.apps.get(app);
      return (await store.builds.list(record.id)).map((build) => buildView(build, app));
    },

    async create(app, { archive, options }, caller) {
      const record = await store.apps.get(app);
      const other = building.get(record.id);
      if (other) throw fail('APP_BUSY', { app, operation: 'a build', by: other.by, seconds: Math.round((clock.now() - other.since) / 1000) });
      building.set(record.id, { by: caller.user, since: clock.now() });
      const id = Operations.newId();
      const path = join(dataDir, 'uploads', `${id}.tar.gz`);
      const finish = async (): Promise<void> => {
        building.delete(record.id);
        await rm(path, { force: true });
      };
      try {
        await mkdir(join(dataDir, 'uploads'), { recursive: true });
        await pipeline(archive, createWriteStream(path));
        const build = { id, app: record.id, by: caller.user, createdAt: isoNow(clock), ref: options.ref ?? null, stack: record.stack, operation: id };
        await store.builds.create(build, { status: 'running', kind: 'buildpacks', buildpacks: [] });
        return await operations.begin(id, { kind: 'deploy', app, by: caller.user }, (work) =>
          new Deploy(parts, flow, build).run(record, { archive: createReadStream(path), options }, work).finally(finish));
      } catch (error) {
        await finish();
        throw error;
      }
    },

    async info(app, build) {
      return buildView(await find(app, build), app);
    },

    async *output(app, build, from, signal) {
      const { record } = await find(app, build);
      yield* operations.events(record.operation, from, signal);
    },

    async cancel(app, build) {
      const { record } = await find(app, build);
      await operations.cancel(record.operation);
      return buildView(await find(app, build), app);
    },
  };
}
