import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { limitsFrom, type BuildInput } from './index.ts';
import type { AppRecord, BuildSettingsRecord } from '../store/index.ts';
import { buildLimits, npmRegistryOf } from './deploy.ts';
import { Operations, type Work } from '../operations/operations.ts';
import type { Parts } from '../platform/parts.ts';
import type { Platform } from '../platform/platform.ts';
import { keepSource } from './source/received-source.ts';
import type { ReleaseFlow } from '../releases/release-flow.ts';
import { ensureStack } from './stack-images.ts';

/** Config vars of an app that say how it is built. Its others are left alone: tests must not meet the app's own database. */
const OF_THE_BUILD = /^(MOTHERSHIP_\w+|BUILDPACK_URL)$/;

/** Tests of a source, in its turn among the builds; no release comes of it. */
export function tests(parts: Parts, flow: ReleaseFlow): Platform['tests'] {
  const { store, operations, dataDir } = parts;
  return {
    async create(app, { archive, options }, caller) {
      const record = await store.apps.get(app);
      const id = Operations.newId();
      const path = join(dataDir, 'uploads', `${id}.tar.gz`);
      const finish = (): Promise<void> => rm(path, { force: true });
      try {
        await keepSource(archive, path, record, options.repository);
        const config = (await flow.liveRelease(record))?.config ?? {};
        const source = {
          id,
          archive: () => createReadStream(path),
          config,
          ...(options.ref ? { ref: options.ref } : {}),
        };
        return await operations.begin(id, { kind: 'test', app, by: caller.user }, (work) =>
          run(parts, record, source, work).finally(finish),
        );
      } catch (error) {
        await finish();
        throw error;
      }
    },
  };
}

interface TestSource {
  readonly id: string;
  readonly archive: () => Readable;
  readonly ref?: string;
  readonly config: Readonly<Record<string, string>>;
}

async function run(parts: Parts, app: AppRecord, source: TestSource, work: Work): Promise<Record<string, unknown>> {
  const { buildQueue, builders, store } = parts;
  const turn = await buildQueue.turn({ id: source.id, app: app.id }, work.signal, (message) =>
    work.emit({ type: 'notice', level: 'info', message }),
  );
  try {
    await ensureStack(parts, await builders.engine(turn.builder), app.stack, work);
    return {
      app: app.name,
      exitCode: await builders.test(
        turn.builder,
        inputOf(parts, app, source, await store.settings.builds()),
        work.emit,
        work.signal,
      ),
    };
  } finally {
    turn.over();
  }
}

function inputOf(
  { cluster, caBundle }: Parts,
  app: AppRecord,
  { id, archive, ref, config }: TestSource,
  settings: BuildSettingsRecord,
): BuildInput {
  return {
    id,
    app,
    archive: archive(),
    kind: 'buildpacks',
    stack: { name: app.stack, ...cluster.stacks[app.stack]! },
    buildpacks: app.buildpacks,
    config: Object.fromEntries(Object.entries(config).filter(([key]) => OF_THE_BUILD.test(key))),
    limits: buildLimits(config, limitsFrom(settings)),
    platformEnv: settings.env,
    ...(ref ? { ref } : {}),
    ...(caBundle ? { caBundle } : {}),
    ...npmRegistryOf(cluster, settings),
  };
}
