import type { BackupPorts } from './ports.ts';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { readImages } from './unpack.ts';
import type { AppRestore, RestorePlan } from './restore-plan.ts';
import type { BackupContents } from './contents.ts';
import { changeSettings, type BuildSettingsChange } from '#builds';
import { isMothershipError } from '#errors';
import { waitUntil } from '#events';
import { appNetwork } from '#rollout';
import type { BuildSettingsRecord } from '#store';
import type { OperationRun } from '#operations/operations.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import { AppRestorer, type AppOutcome } from './restore-app.ts';
import { RouterCertificate, type CertificateOutcome } from './router-certificate.ts';

/** Number of apps started concurrently; the next ones wait until these are routed. */
const AT_ONCE = 4;
/** Time until nothing is left of a destroyed app. */
const LEFTOVERS_MS = 75_000;

interface RestoreTask {
  readonly contents: BackupContents;
  readonly plan: RestorePlan;
  /** The backup's file, already verified. */
  readonly path: string;
  readonly by: string;
  /** Whether the backup's tokens become valid again. */
  readonly tokens: boolean;
}

/**
 * Restores a backup: images, tokens, each app's records and live release, and the certificate. Can be repeated after an
 * interruption.
 */
export class Restore {
  constructor(
    private readonly parts: BackupPorts,
    private readonly flow: ReleaseFlow,
    private readonly task: RestoreTask,
  ) {}

  async run(work: OperationRun): Promise<Record<string, unknown>> {
    const { contents, plan } = this.task;
    for (const message of plan.warnings) work.emit({ type: 'notice', level: 'warning', message });
    await this.#untilFree(work.signal);
    if (contents.manifest.images && contents.images.length > 0) await phase(work, 'images', () => this.#loadImages());
    await this.#addBuildSettings(work);
    const tokens = this.task.tokens ? await this.#addTokens() : [];
    const apps = await phase(work, 'apps', () => this.#restoreApps(work));
    await this.parts.routes.settle();
    const certificate = await phase(work, 'certificate', () => this.#certificate());
    return { cluster: this.parts.cluster.name, from: contents.manifest, apps, tokens, certificate };
  }

  /** A destroyed app removes its network and images with a delay. */
  async #untilFree(signal: AbortSignal): Promise<void> {
    const { engine, clock } = this.parts;
    const created = this.task.plan.apps.filter(({ action }) => action === 'create');
    await waitUntil(clock, { every: 500, within: LEFTOVERS_MS, signal }, async () => {
      const networks = await Promise.all(created.map(({ backup }) => engine.network(appNetwork(backup.app.id))));
      return !networks.some(Boolean);
    });
  }

  /** Restores tags that nothing else uses now. */
  async #loadImages(): Promise<void> {
    const { engine } = this.parts;
    await engine.loadImages(Readable.from(readImages(createReadStream(this.task.path)), { objectMode: false }));
    for (const { id, tags } of this.task.contents.images) {
      for (const tag of tags) if (!(await engine.image(tag))) await engine.tagImage(id, tag);
    }
  }

  /** Existing settings stay. Apps also run without the rest. */
  async #addBuildSettings({ emit }: OperationRun): Promise<void> {
    const { builds } = this.task.contents.cluster;
    if (!builds) return;
    const { env, registries, registryLogins, ...limits } = builds;
    const merged = (here: BuildSettingsRecord): BuildSettingsChange => ({
      ...limits,
      ...here,
      env: { ...env, ...here.env },
      registries: { ...registries, ...here.registries },
      registryLogins: { ...registryLogins, ...here.registryLogins },
    });
    await this.parts.store.settings
      .updateBuilds((here) => changeSettings(here, merged(here)))
      .catch((error: unknown) => {
        if (!isMothershipError(error)) throw error;
        emit({
          type: 'notice',
          level: 'warning',
          message: `The build settings of this cluster were not changed. ${error.message}`,
        });
      });
  }

  /** Returns the users whose tokens became valid again. */
  async #addTokens(): Promise<string[]> {
    const { store } = this.parts;
    const held = new Set((await store.tokens.list()).map(({ id }) => id));
    const missing = this.task.contents.tokens.filter(({ id }) => !held.has(id));
    for (const token of missing) await store.tokens.create(token);
    return missing.map(({ user }) => user);
  }

  async #restoreApps(work: OperationRun): Promise<AppOutcome[]> {
    const restorer = new AppRestorer(this.parts, this.flow, this.task.by);
    const outcomes: AppOutcome[] = [];
    const queue = this.task.plan.apps[Symbol.iterator]();
    const next = async (): Promise<void> => {
      for (const item of queue) outcomes.push(await this.#restoreApp(restorer, item, work));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    return outcomes.sort((a, b) => (a.app < b.app ? -1 : 1));
  }

  /** A failed app does not stop the others. */
  async #restoreApp(restorer: AppRestorer, item: AppRestore, work: OperationRun): Promise<AppOutcome> {
    const app = item.backup.app.name;
    try {
      const outcome = await restorer.restore(item, work);
      work.emit({ type: 'output', source: app, line: outcome.detail });
      return outcome;
    } catch (error) {
      work.signal.throwIfAborted();
      if (!isMothershipError(error))
        this.parts.logger.error({ err: error, app }, 'restoring an app failed with an unexpected error');
      const detail = isMothershipError(error) ? error.message : 'Internal error';
      work.emit({ type: 'notice', level: 'warning', message: `${app}: ${detail}` });
      return {
        app,
        outcome: 'failed',
        release: item.backup.app.live?.release ?? null,
        withoutImage: item.withoutImage,
        detail,
      };
    }
  }

  async #certificate(): Promise<CertificateOutcome> {
    const { certificate } = this.task.contents;
    if (!certificate) return 'none';
    if (certificate.domain !== this.parts.cluster.domain) return 'other-domain';
    return new RouterCertificate(this.parts).restore(certificate);
  }
}

async function phase<T>(work: OperationRun, name: string, run: () => Promise<T>): Promise<T> {
  work.signal.throwIfAborted();
  work.emit({ type: 'phase', phase: name, state: 'started' });
  try {
    const result = await run();
    work.emit({ type: 'phase', phase: name, state: 'done' });
    return result;
  } catch (error) {
    work.emit({ type: 'phase', phase: name, state: 'failed' });
    throw error;
  }
}
