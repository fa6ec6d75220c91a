import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Operation } from '../api/index.ts';
import { parseBuildArgs } from '../builds/index.ts';
import { fail } from '../errors/index.ts';
import type { AppRecord, StoredBuild } from '../store/index.ts';
import { Deploy } from './deploy.ts';
import { Operations } from './operations.ts';
import { isoNow, type Parts } from './parts.ts';
import type { BuildRequest, Caller, Platform } from './platform.ts';
import type { ReleaseFlow } from './release-flow.ts';
import { buildView } from './views.ts';

/** Deploys of an app that are received, wait or are under way: each keeps its source on the controller's disk. */
const MAX_OF_AN_APP = 5;

/** Builds from the archive that comes in to the operation that builds and releases it. */
export class Builds {
  readonly #parts: Parts;
  readonly #flow: ReleaseFlow;
  /** Deploys by app. */
  readonly #taken = new Map<string, number>();

  constructor(parts: Parts, flow: ReleaseFlow) {
    this.#parts = parts;
    this.#flow = flow;
  }

  async list(app: string): ReturnType<Platform['builds']['list']> {
    const { store } = this.#parts;
    const record = await store.apps.get(app);
    return (await store.builds.list(record.id)).map((build) => buildView(build, app));
  }

  async create(app: string, request: BuildRequest, caller: Caller): Promise<Operation> {
    const { store, dataDir, clock, operations } = this.#parts;
    const record = await store.apps.get(app);
    if (request.options.buildArgs) parseBuildArgs(request.options.buildArgs);
    this.#take(record);
    const id = Operations.newId();
    const path = join(dataDir, 'uploads', `${id}.tar.gz`);
    const finish = (): Promise<void> => {
      this.#taken.set(record.id, (this.#taken.get(record.id) ?? 1) - 1);
      return rm(path, { force: true });
    };
    try {
      await receive(request.archive, path);
      const build = { id, app: record.id, by: caller.user, createdAt: isoNow(clock), ref: request.options.ref ?? null, stack: record.stack, operation: id };
      await store.builds.create(build, { status: 'queued', kind: 'buildpacks', buildpacks: [] });
      const deploy = new Deploy(this.#parts, this.#flow, build, { archive: () => createReadStream(path), options: request.options });
      return await operations.begin(id, { kind: 'deploy', app, by: caller.user }, (work) => deploy.run(work).finally(finish));
    } catch (error) {
      await finish();
      throw error;
    }
  }

  async info(app: string, build: string): ReturnType<Platform['builds']['info']> {
    return buildView(await this.#find(app, build), app);
  }

  async *output(app: string, build: string, from: number, signal: AbortSignal): ReturnType<Platform['builds']['output']> {
    const { record } = await this.#find(app, build);
    yield* this.#parts.operations.events(record.operation, from, signal);
  }

  async cancel(app: string, build: string): ReturnType<Platform['builds']['cancel']> {
    const { record } = await this.#find(app, build);
    await this.#parts.operations.cancel(record.operation);
    return buildView(await this.#find(app, build), app);
  }

  async purgeCache(app: string): ReturnType<Platform['builds']['purgeCache']> {
    const { store, buildQueue, builders } = this.#parts;
    const { id } = await store.apps.get(app);
    if (buildQueue.has(id)) throw fail('BUILD_CACHE_IN_USE', { app });
    return { app, ...(await builders.forget(id)) };
  }

  #take({ id, name }: AppRecord): void {
    const taken = this.#taken.get(id) ?? 0;
    if (taken >= MAX_OF_AN_APP) throw fail('BUILDS_TOO_MANY', { app: name, limit: MAX_OF_AN_APP });
    this.#taken.set(id, taken + 1);
  }

  async #find(app: string, id: string): Promise<StoredBuild> {
    const { store } = this.#parts;
    const record = await store.apps.get(app);
    const build = await store.builds.find(record.id, id);
    if (!build) throw fail('BUILD_NOT_FOUND', { app, build: id });
    return build;
  }
}

/** Keeps what comes in. */
export async function receive(archive: Readable, path: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await pipeline(archive, createWriteStream(path));
}
