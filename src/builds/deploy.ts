import type { BuildPorts } from './ports.ts';
import { own } from '#values/own.ts';
import { defined } from '#values/defined.ts';
import type { Engine } from '#engine';
import { isMothershipError } from '#errors';
import type { AppRecord, BuildRecord, BuildStatus } from '#store';
import { chosenFormation, runPostdeploy } from '#apps/app-setup.ts';
import { clusterInput } from './build-input.ts';
import type { BuildInput, BuildResult } from './build.ts';
import { parseBuildArgs } from './dockerfile/build-args.ts';
import type { Turn } from './queue/build-queue.ts';
import type { Source } from './source/source.ts';
import type { OperationRun } from '#operations/operations.ts';
import { imageFacts } from '#releases/image-facts.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import { deployed } from '#releases/release-view.ts';
import { pruneBuilds } from './prune-builds.ts';
import { ensureStack } from './image/stack-images.ts';
import { isoNow } from '#events/clock.ts';
import type { BuildRequest } from './build-request.ts';

/** A config change may hold the app for a moment when its build is done. */
const TURN_MS = 120_000;
/** A build whose node is lost restarts on another. */
const ATTEMPTS = 2;

interface ReceivedSource {
  readonly source: Source;
  readonly options: BuildRequest['options'];
}

interface Built {
  readonly result: BuildResult;
  /** The engine that has the image. */
  readonly engine: Engine;
}

/** Deploys: builds in turn without the app's lease (it may take minutes), then releases. */
export class Deploy {
  #status: BuildStatus = { status: 'queued', kind: 'buildpacks', buildpacks: [] };

  constructor(
    private readonly parts: BuildPorts,
    private readonly flow: ReleaseFlow,
    private readonly record: BuildRecord,
    private readonly received: ReceivedSource,
  ) {}

  async run(work: OperationRun): Promise<Record<string, unknown>> {
    let turn: Turn | undefined;
    try {
      const lost: string[] = [];
      for (;;) {
        turn = await this.#turn(lost, work);
        const built = await this.#attempt(turn, work, lost);
        if (built) return await this.#release(built, work);
      }
    } catch (error) {
      if (this.#status.status === 'queued' || this.#status.status === 'running')
        await this.#save(this.#failed(error, work));
      throw error;
    } finally {
      turn?.over();
      await pruneBuilds(this.parts, this.record.app).catch((error: unknown) =>
        this.parts.logger.warn({ err: error, app: this.record.app }, 'kept old builds'),
      );
    }
  }

  async #turn(avoid: readonly string[], { signal, emit }: OperationRun): Promise<Turn> {
    const { store, buildQueue } = this.parts;
    const { id, app } = this.record;
    const last = (await store.builds.list(app)).find(({ status }) => status.builder)?.status.builder;
    const turn = await buildQueue.turn({ id, app, avoid, ...(last ? { last } : {}) }, signal, (message) =>
      emit({ type: 'notice', level: 'info', message }),
    );
    await this.#save({ ...this.#status, status: 'running', builder: turn.builder.name });
    return turn;
  }

  /** Returns undefined if the builder was lost and another may succeed. */
  async #attempt(turn: Turn, work: OperationRun, lost: string[]): Promise<Built | undefined> {
    try {
      return await this.#build(turn, work);
    } catch (error) {
      lost.push(turn.builder.id);
      if (!isMothershipError(error, 'NODE_UNREACHABLE') || work.signal.aborted || lost.length >= ATTEMPTS) throw error;
      work.emit({
        type: 'notice',
        level: 'warning',
        message: `${error.message} Restarting the build on another node.`,
      });
      return undefined;
    } finally {
      turn.built();
    }
  }

  async #build({ builder }: Turn, work: OperationRun): Promise<Built> {
    const { builders, clock, store } = this.parts;
    const app = (await store.apps.byId(this.record.app)) ?? (await store.apps.get(this.record.app));
    const engine = await builders.engine(builder);
    await ensureStack(this.parts, engine, app.stack, work);
    const result = await builders.build(builder, await this.#input(app), work.emit, work.signal);
    const { kind, buildpacks, image, sizeBytes } = result;
    await this.#save({
      ...this.#status,
      status: 'succeeded',
      kind,
      buildpacks,
      image,
      sizeBytes,
      finishedAt: isoNow(clock),
    });
    return { result, engine };
  }

  async #input(app: AppRecord): Promise<BuildInput> {
    const { source, options } = this.received;
    const { dockerfile, target, buildArgs, kind = 'auto', ref, clearCache } = options;
    const [live, settings] = await Promise.all([this.flow.liveRelease(app), this.parts.store.settings.builds()]);
    const config = live?.config ?? {};
    return {
      ...clusterInput(this.parts, app, config, settings),
      id: this.record.id,
      source,
      config,
      kind: dockerfile ? 'dockerfile' : kind,
      isNew: !live?.image,
      ...{ dockerfile, target, ref, clearCache },
      buildArgs: buildArgs === undefined ? undefined : parseBuildArgs(buildArgs),
    };
  }

  async #release({ result, engine }: Built, work: OperationRun): Promise<Record<string, unknown>> {
    const { leases } = this.parts;
    const { app, by, ref, id } = this.record;
    const runImage =
      result.kind === 'buildpacks' ? own(this.parts.cluster.stacks, this.record.stack)?.runImage : undefined;
    // Other nodes do not have the image before it is pushed.
    const facts = result.kind === 'dockerfile' ? imageFacts(await engine.image(result.image)) : {};
    const record = await leases.takeInTurn(app, { operation: work.id, kind: 'deploy', by }, TURN_MS, work.signal);
    return leases.during(app, work.id, work.signal, async (signal) => {
      const live = await this.flow.liveRelease(record);
      const setup = live?.image ? undefined : result.setup;
      const chosen = setup ? await chosenFormation(this.parts, record, setup) : record;
      const release = await this.flow.release(
        chosen,
        {
          image: result.image,
          build: id,
          ref,
          kind: result.kind,
          processTypes: result.processTypes,
          ...facts,
          ...defined({ runImage }),
          config: { ...setup?.config, ...live?.config },
          description: ref ? `Deploy ${ref}` : 'Deploy',
          by,
        },
        { ...work, signal },
        engine,
      );
      await this.#save({ ...this.#status, release: release.version });
      if (setup?.postdeploy)
        await runPostdeploy(this.flow, { app: record, release, command: setup.postdeploy }, this.parts.clock, {
          ...work,
          signal,
        });
      return deployed(this.parts, record, release);
    });
  }

  #failed(error: unknown, work: OperationRun): BuildStatus {
    const message = isMothershipError(error) ? error.message : 'Internal error';
    return {
      ...this.#status,
      status: work.signal.aborted ? 'cancelled' : 'failed',
      error: message,
      finishedAt: isoNow(this.parts.clock),
    };
  }

  async #save(status: BuildStatus): Promise<void> {
    this.#status = status;
    await this.parts.store.builds.setStatus(this.record.app, this.record.id, status);
  }
}
