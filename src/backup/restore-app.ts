import { defined } from '#values/defined.ts';
import type { BackupPorts } from './ports.ts';
import { isDeepStrictEqual } from 'node:util';
import { imagesOf, type AppBackup } from './contents.ts';
import type { AppRestore } from './restore-plan.ts';
import { appRepository } from '#registry';
import { generationsOf, isOfGeneration, observeServices } from '#rollout';
import type { AppRecord, Generation, StoredRelease } from '#store';
import type { OperationRun } from '#operations/operations.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';

/** Time for another change of the app to finish. */
const TURN_MS = 60_000;

export interface AppOutcome {
  readonly app: string;
  /** `started`: running and routed. `kept`: already running. `recorded`: nothing to run. */
  readonly outcome: 'started' | 'kept' | 'recorded' | 'no-image' | 'failed';
  readonly release: number | null;
  /** Releases without an image here; they cannot be rolled back to. */
  readonly withoutImage: readonly number[];
  readonly detail: string;
}

/** Restores one app. Its own record is written last, so that a half-restored app does not block another attempt. */
export class AppRestorer {
  constructor(
    private readonly parts: BackupPorts,
    private readonly flow: ReleaseFlow,
    private readonly by: string,
  ) {}

  async restore(item: AppRestore, work: OperationRun): Promise<AppOutcome> {
    const { leases } = this.parts;
    const { id } = item.backup.app;
    if (item.action === 'create') await this.#create(item.backup);
    const held = await leases.takeInTurn(
      id,
      { operation: work.id, kind: 'restore', by: this.by },
      TURN_MS,
      work.signal,
    );
    return leases.during(id, work.id, work.signal, async (signal) => {
      if (item.action !== 'create') await this.#putReleases(item.backup);
      const record = item.action === 'replace' ? await this.#replace(item.backup) : held;
      await this.#publish(item, signal);
      const outcome = await this.#start(item, record, { ...work, signal });
      if (item.action === 'replace') await this.#removeNewer(item.backup);
      return outcome;
    });
  }

  async #create(backup: AppBackup): Promise<void> {
    const { store } = this.parts;
    const { app } = backup;
    for (const { record } of await store.builds.list(app.id)) await store.builds.remove(app.id, record.id);
    for (const { record } of await store.releases.list(app.id)) await store.releases.remove(app.id, record.version);
    await this.#putReleases(backup);
    await store.apps.create(app);
  }

  /** Releases are immutable: one with the same number but different content is from an earlier app of that name. */
  async #putReleases({ app, releases, builds }: AppBackup): Promise<void> {
    const { store } = this.parts;
    const held = new Map((await store.releases.list(app.id)).map((release) => [release.record.version, release]));
    for (const release of releases) {
      const other = held.get(release.record.version);
      if (other && isDeepStrictEqual(other.record, release.record)) continue;
      if (other) await store.releases.remove(app.id, release.record.version);
      await store.releases.create(release.record, release.status);
    }
    for (const { record, status } of builds) await store.builds.create(record, status);
  }

  /** Keeps the current release running until the restored one takes over; release numbers are not reused. */
  async #replace({ app }: AppBackup): Promise<AppRecord> {
    const { live: _live, ...rest } = app;
    return this.parts.store.apps.update(app.id, ({ live, previous, lease, lastRelease }) => ({
      ...rest,
      lastRelease: Math.max(lastRelease, app.lastRelease),
      ...defined({ live, previous, lease }),
    }));
  }

  /**
   * With several nodes, loaded images, including those of earlier releases, must be published where all nodes find
   * them.
   */
  async #publish({ backup, withoutImage }: AppRestore, signal: AbortSignal): Promise<void> {
    const { images } = this.parts;
    if (!images.shared) return;
    const runnable = backup.releases.filter(({ record }) => !withoutImage.includes(record.version));
    for (const image of imagesOf({ releases: runnable }))
      await images.publish(appRepository(backup.app.id), image, { signal });
  }

  async #start(item: AppRestore, record: AppRecord, work: OperationRun): Promise<AppOutcome> {
    const {
      backup: { app, releases },
      withoutImage,
    } = item;
    const wanted = releases.find((release) => release.record.version === app.live?.release)?.record;
    const tell = (outcome: AppOutcome['outcome'], detail: string): AppOutcome => ({
      app: app.name,
      outcome,
      release: wanted?.version ?? null,
      withoutImage,
      detail,
    });
    if (!wanted) return tell('recorded', 'never deployed');
    if (withoutImage.includes(wanted.version))
      return tell('no-image', `v${wanted.version} has no image on this cluster: deploy it again`);
    if (!wanted.image && item.action !== 'replace') return tell('recorded', `v${wanted.version} has only config vars`);
    const services = await observeServices(this.parts.engine, app.id);
    const running = services.some(({ labels }) => isOfGeneration(labels, app.id, record.live));
    if (item.action === 'keep' && running) return tell('kept', `v${wanted.version} is already running`);
    const used = [record.live, record.previous, ...generationsOf(services)];
    await this.flow.start(record, wanted, nextStart(wanted.version, used), quiet(app.name, work));
    return tell('started', `v${wanted.version} is running`);
  }

  /** Removes releases newer than the backup once they no longer run. */
  async #removeNewer({ app, releases }: AppBackup): Promise<void> {
    const { store } = this.parts;
    const record = await store.apps.byId(app.id);
    const needed = new Set([...releases.map((release) => release.record.version), record?.live?.release]);
    const isLeft = ({ record: release }: StoredRelease): boolean => !needed.has(release.version);
    for (const { record: release } of (await store.releases.list(app.id)).filter(isLeft))
      await store.releases.remove(app.id, release.version);
  }
}

/** Service names must be unused. */
function nextStart(release: number, used: readonly (Generation | undefined)[]): Generation {
  const starts = used.flatMap((generation) => (generation?.release === release ? [generation.incarnation] : []));
  return { release, incarnation: Math.max(0, ...starts) + 1 };
}

/** Apps start concurrently: drops their phases and prefixes their messages with the app's name. */
function quiet(app: string, work: OperationRun): OperationRun {
  return {
    ...work,
    emit: (event) => {
      if (event.type === 'output') work.emit({ ...event, source: `${app} ${event.source}` });
      if (event.type === 'notice') work.emit({ ...event, message: `${app}: ${event.message}` });
    },
  };
}
