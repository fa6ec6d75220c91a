import { appUrl } from '../apps/index.ts';
import { defaultBuildLimits, type BuildResult } from '../builds/index.ts';
import { isMothershipError } from '../errors/index.ts';
import type { AppRecord, BuildRecord, BuildStatus, ReleaseRecord } from '../store/index.ts';
import { stackRepositories } from './needed-images.ts';
import type { Work } from './operations.ts';
import { isoNow, type Parts } from './parts.ts';
import type { BuildRequest } from './platform.ts';
import type { ReleaseFlow } from './release-flow.ts';

/** A config change may hold the app for a moment when a build is done. */
const TURN_MS = 120_000;

/** What a deploy answers in the end. */
export function deployed({ cluster }: Parts, app: AppRecord, release: ReleaseRecord): Record<string, unknown> {
  return { app: app.name, release: release.version, url: appUrl(app.name, cluster), image: release.image };
}

/** Source to running: a build without the app's lease (it may take minutes), then a release with it. */
export class Deploy {
  readonly #parts: Parts;
  readonly #flow: ReleaseFlow;
  readonly #record: BuildRecord;
  #status: BuildStatus = { status: 'running', kind: 'buildpacks', buildpacks: [] };

  constructor(parts: Parts, flow: ReleaseFlow, record: BuildRecord) {
    this.#parts = parts;
    this.#flow = flow;
    this.#record = record;
  }

  async run(app: AppRecord, request: BuildRequest, work: Work): Promise<Record<string, unknown>> {
    try {
      const result = await this.#build(app, request, work);
      return deployed(this.#parts, app, await this.#release(app, result, work));
    } catch (error) {
      if (this.#status.status === 'running') await this.#save(this.#failed(error, work));
      throw error;
    }
  }

  async #build(app: AppRecord, { archive, options }: BuildRequest, work: Work): Promise<BuildResult> {
    const { builder, cluster, caBundle } = this.#parts;
    await this.#ensureStack(app.stack, work);
    const config = (await this.#flow.liveRelease(app))?.config ?? {};
    const result = await builder.build({
      id: this.#record.id,
      app,
      archive,
      kind: options.dockerfile ? 'dockerfile' : (options.kind ?? 'auto'),
      stack: { name: app.stack, ...cluster.stacks[app.stack]! },
      buildpacks: app.buildpacks,
      config,
      limits: buildLimits(config),
      ...(options.dockerfile ? { dockerfile: options.dockerfile } : {}),
      ...(options.ref ? { ref: options.ref } : {}),
      ...(options.clearCache ? { clearCache: true } : {}),
      ...(caBundle ? { caBundle } : {}),
      ...(cluster.npmRegistry ? { npmRegistry: cluster.npmRegistry } : {}),
    }, work.emit, work.signal);
    const { kind, buildpacks, image, sizeBytes } = result;
    await this.#save({ status: 'succeeded', kind, buildpacks, image, sizeBytes, finishedAt: isoNow(this.#parts.clock) });
    return result;
  }

  /** A node that has built nothing yet pulls the stack first. */
  async #ensureStack(name: string, { signal, emit }: Work): Promise<void> {
    const { images, cluster } = this.#parts;
    const stack = cluster.stacks[name]!;
    const { build, run } = stackRepositories(name);
    const onLine = (line: string): void => emit({ type: 'output', source: 'pull', line });
    for (const [repository, image] of [[run, stack.runImage], [build, stack.buildImage]] as const) await images.ensure(repository, image, { signal, onLine });
  }

  async #release(app: AppRecord, result: BuildResult, work: Work): Promise<ReleaseRecord> {
    const { leases } = this.#parts;
    const { by, ref, id } = this.#record;
    const record = await leases.takeInTurn(app.id, { operation: work.id, kind: 'deploy', by }, TURN_MS, work.signal);
    return leases.during(app.id, work.id, work.signal, async (signal) => {
      const live = await this.#flow.liveRelease(record);
      const release = await this.#flow.release(record, {
        image: result.image, build: id, ref, kind: result.kind, processTypes: result.processTypes,
        config: live?.config ?? {}, description: ref ? `Deploy ${ref}` : 'Deploy', by,
      }, { ...work, signal });
      await this.#save({ ...this.#status, release: release.version });
      return release;
    });
  }

  #failed(error: unknown, work: Work): BuildStatus {
    const message = isMothershipError(error) ? error.message : 'Mothership made a mistake';
    return { ...this.#status, status: work.signal.aborted ? 'cancelled' : 'failed', error: message, finishedAt: isoNow(this.#parts.clock) };
  }

  async #save(status: BuildStatus): Promise<void> {
    this.#status = status;
    await this.#parts.store.builds.setStatus(this.#record.app, this.#record.id, status);
  }
}

/** The stack's limits, lowered or raised by the app's config vars within what a node can stand. */
function buildLimits(config: Readonly<Record<string, string>>): typeof defaultBuildLimits {
  const memory = Number(config['MOTHERSHIP_BUILD_MEMORY_MB']);
  const disk = Number(config['MOTHERSHIP_BUILD_DISK_MB']);
  const seconds = Number(config['MOTHERSHIP_BUILD_TIMEOUT']);
  const MB = 1024 * 1024;
  return {
    ...defaultBuildLimits,
    ...(memory >= 64 && memory <= 16_384 ? { memoryBytes: memory * MB } : {}),
    ...(disk >= 16 && disk <= 65_536 ? { diskBytes: disk * MB } : {}),
    ...(seconds >= 5 && seconds <= 7200 ? { seconds } : {}),
  };
}
