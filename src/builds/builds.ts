import type { BuildPorts } from './ports.ts';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Build, CachePurged, Operation } from '#api';
import { fail } from '#errors';
import type { AppRecord, ReleaseRecord, StoredBuild } from '#store';
import { Deploy } from './deploy.ts';
import { deployed } from '#releases/release-view.ts';
import { Operations, type OperationRun } from '#operations/operations.ts';
import { parseBuildArgs } from './dockerfile/build-args.ts';
import type { OfferedSource } from './source/source-store.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import type { Caller } from '#access/caller.ts';
import { isoNow } from '#events/clock.ts';
import type { NumberedEvent } from '#events/events.ts';
import type { BuildRequest } from './build-request.ts';
import { buildView } from './build-view.ts';

interface Received {
  readonly id: string;
  /** Where to store the source. */
  readonly path: string;
  readonly request: BuildRequest;
  readonly caller: Caller;
}

/** Handles builds from receiving the archive to starting the operation that builds and releases it. */
export class Builds {
  constructor(
    private readonly parts: BuildPorts,
    private readonly flow: ReleaseFlow,
  ) {}

  async list(app: string): Promise<Build[]> {
    const { store } = this.parts;
    const record = await store.apps.get(app);
    return (await store.builds.list(record.id)).map((build) => buildView(build, app));
  }

  async create(app: string, request: BuildRequest, caller: Caller): Promise<Operation> {
    const { store, dataDir, operations, appSources } = this.parts;
    const record = await store.apps.get(app);
    if (request.options.buildArgs) parseBuildArgs(request.options.buildArgs);
    const leave = appSources.enter(record);
    const id = Operations.newId();
    const path = join(dataDir, 'uploads', `${id}.tar`);
    const finish = (): Promise<void> => {
      leave();
      return rm(path, { force: true });
    };
    try {
      const run = await this.#received(record, { id, path, request, caller });
      return await operations.begin(
        id,
        { kind: 'deploy', subject: { kind: 'app', name: app }, by: caller.user },
        (work) => run(work).finally(finish),
      );
    } catch (error) {
      await finish();
      throw error;
    }
  }

  async offer(app: string, manifest: Readable): Promise<OfferedSource> {
    const { store, reader, sources, appSources } = this.parts;
    const record = await store.apps.get(app);
    const leave = appSources.enter(record);
    return reader.offer({ store: sources.folder, app: record.id }, manifest).finally(leave);
  }

  async info(app: string, build: string): Promise<Build> {
    return buildView(await this.#find(app, build), app);
  }

  async *output(app: string, build: string, from: number, signal: AbortSignal): AsyncIterable<NumberedEvent> {
    const { record } = await this.#find(app, build);
    yield* this.parts.operations.events(record.operation, from, signal);
  }

  /** Throws BUILD_NOT_FOUND or BUILD_ENDED. */
  async cancel(app: string, build: string): Promise<Build> {
    const { operations } = this.parts;
    const { record, status } = await this.#find(app, build);
    if (status.status !== 'queued' && status.status !== 'running') {
      const operation = await operations.info(record.operation).catch(() => undefined);
      // A build that succeeded may still be on its way to a release.
      if (operation?.state !== 'running') throw fail('BUILD_ENDED', { build, status: status.status });
    }
    await operations.cancel(record.operation);
    return buildView(await this.#find(app, build), app);
  }

  async purgeCache(app: string): Promise<CachePurged> {
    const { store, buildQueue, builders } = this.parts;
    const { id } = await store.apps.get(app);
    if (buildQueue.has(id)) throw fail('BUILD_CACHE_IN_USE', { app });
    return { app, ...(await builders.forget(id)) };
  }

  /** Starts the operation once the source is received. */
  async #received(
    app: AppRecord,
    { id, path, request: { archive, options }, caller }: Received,
  ): Promise<(work: OperationRun) => Promise<Record<string, unknown>>> {
    const { store, clock, reader, sources } = this.parts;
    const { dockerfile, target, buildArgs, kind, ref = null } = options;
    const offered = options.source ? { store: sources.folder, app: app.id, source: options.source } : undefined;
    const root = options.repository ? app.source : undefined;
    const given = [app.source, app.stack, app.buildpacks, { dockerfile, target, buildArgs, kind }];
    const { digest, ...source } = await reader.receive({ file: path, root, given, dockerfile, offered }, archive);
    const again = digest && !options.force && !options.clearCache ? await this.#runsAlready(app, digest) : undefined;
    if (again) return (work) => this.#leave(app, again, work);
    const build = {
      id,
      app: app.id,
      by: caller.user,
      createdAt: isoNow(clock),
      ref,
      stack: app.stack,
      operation: id,
      ...(digest ? { digest } : {}),
    };
    await store.builds.create(build, { status: 'queued', kind: 'buildpacks', buildpacks: [] });
    const deploy = new Deploy(this.parts, this.flow, build, { source, options });
    return (work) => deploy.run(work);
  }

  /**
   * Returns the live release if it was built from the same source; undefined if another deploy of the app may finish
   * first.
   */
  async #runsAlready(app: AppRecord, digest: string): Promise<ReleaseRecord | undefined> {
    if (this.parts.appSources.of(app) > 1) return undefined;
    const live = await this.flow.liveRelease(app);
    const build = live?.build ? await this.parts.store.builds.find(app.id, live.build) : undefined;
    return build?.record.digest === digest ? live : undefined;
  }

  #leave(app: AppRecord, live: ReleaseRecord, { emit }: OperationRun): Promise<Record<string, unknown>> {
    const message =
      `Nothing in ${app.name}'s root or watch paths has changed: v${live.version} keeps ` +
      'running. Use --force to deploy anyway.';
    emit({ type: 'notice', level: 'info', message });
    return Promise.resolve({ ...deployed(this.parts, app, live), unchanged: true });
  }

  async #find(app: string, id: string): Promise<StoredBuild> {
    const { store } = this.parts;
    const record = await store.apps.get(app);
    const build = await store.builds.find(record.id, id);
    if (!build) throw fail('BUILD_NOT_FOUND', { app, build: id });
    return build;
  }
}
