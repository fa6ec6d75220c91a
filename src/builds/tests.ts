import type { Readable } from 'node:stream';
import type { BuildPorts } from './ports.ts';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppRecord } from '#store';
import { clusterInput } from './build-input.ts';
import type { BuildInput } from './build.ts';
import { Operations, type OperationRun } from '#operations/operations.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import { ensureStack } from './image/stack-images.ts';
import type { Caller } from '#access/caller.ts';
import type { Operation, Query } from '#api';

/** Config vars that affect the build. Others are left out, so that tests never reach the app's database. */
const OF_THE_BUILD = /^(MOTHERSHIP_\w+|BUILDPACK_URL)$/;

/** Source to test: an untrusted gzipped tar of the app's folder. */
interface TestRequest {
  readonly archive: Readable;
  readonly options: Query<'testsCreate'>;
}

export interface Tests {
  /** Builds the source for testing and runs its tests; the operation's result contains their exit code. */
  create(app: string, request: TestRequest, caller: Caller): Promise<Operation>;
}

/** Runs the tests of a source, queued like a build, without creating a release. */
export function tests(parts: BuildPorts, flow: ReleaseFlow): Tests {
  const { store, operations, dataDir, reader, appSources } = parts;
  return {
    async create(app, { archive, options }, caller) {
      const record = await store.apps.get(app);
      const id = Operations.newId();
      const path = join(dataDir, 'uploads', `${id}.tar`);
      const leave = appSources.enter(record);
      const finish = (): Promise<void> => {
        leave();
        return rm(path, { force: true });
      };
      try {
        const root = options.repository ? record.source : undefined;
        const source = await reader.receive({ file: path, root }, archive);
        const config = (await flow.liveRelease(record))?.config ?? {};
        const test = { id, source, ref: options.ref, config, kind: 'buildpacks' } as const;
        return await operations.begin(
          id,
          { kind: 'test', subject: { kind: 'app', name: app }, by: caller.user },
          (work) => run(parts, record, test, work).finally(finish),
        );
      } catch (error) {
        await finish();
        throw error;
      }
    },
  };
}

type Test = Pick<BuildInput, 'id' | 'source' | 'ref' | 'config' | 'kind'>;

async function run(
  parts: BuildPorts,
  app: AppRecord,
  test: Test,
  work: OperationRun,
): Promise<Record<string, unknown>> {
  const { buildQueue, builders, store } = parts;
  const turn = await buildQueue.turn({ id: test.id, app: app.id }, work.signal, (message) =>
    work.emit({ type: 'notice', level: 'info', message }),
  );
  try {
    await ensureStack(parts, await builders.engine(turn.builder), app.stack, work);
    const input = {
      ...clusterInput(parts, app, test.config, await store.settings.builds()),
      ...test,
      config: Object.fromEntries(Object.entries(test.config).filter(([key]) => OF_THE_BUILD.test(key))),
    };
    return { app: app.name, exitCode: await builders.test(turn.builder, input, work.emit, work.signal) };
  } finally {
    turn.over();
  }
}
