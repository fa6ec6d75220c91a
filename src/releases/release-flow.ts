import { KIND, label } from '#labels.ts';
import type { ReleasePorts } from './ports.ts';
import { GiB } from '#values/size.ts';
import { appUrl, formationFor, type Formation } from '#apps';
import { blocksSetuid, type Images } from '#engine';
import { fail, isMothershipError } from '#errors';
import { inPhase, isoNow, type Event } from '#events';
import { startsAsRoot } from './command.ts';
import { webPort } from './environment.ts';
import { appNetwork, planRollout, Rollout } from '#rollout';
import type { AppRecord, Generation, ReleaseRecord } from '#store';
import { appRepository, type ServiceImage } from '#registry';
import { imageFacts, type ImageFacts } from './image-facts.ts';
import { LiveReleases } from './live-releases.ts';
import { warnOfShortfall } from './placement.ts';
import { processNotices } from './process-notices.ts';
import { pruneReleases } from './prune-releases.ts';
import type { OperationRun } from '#operations/operations.ts';

/** What distinguishes one release from the previous. */
type ReleaseContent = Pick<
  ReleaseRecord,
  | 'image'
  | 'build'
  | 'ref'
  | 'kind'
  | 'config'
  | 'processTypes'
  | 'description'
  | 'by'
  | 'exposedPorts'
  | 'imageUser'
  | 'imageCommand'
  | 'runImage'
>;

interface OneOffCommand {
  readonly name: string;
  readonly command: string;
  readonly source: string;
}

/** A generation of an app to roll out. */
interface Start {
  readonly app: AppRecord;
  readonly release: ReleaseRecord;
  readonly target: Generation;
  readonly formation: Formation;
  /** As published to the registry; undefined without one. */
  readonly image: ServiceImage | undefined;
}

const CANNOT_SWITCH_USERS: Event = {
  type: 'notice',
  level: 'warning',
  message:
    'The image starts as root, and its processes cannot switch to another user: Docker is too old on a node ' +
    '(`mothership doctor` names it). If they must, upgrade Docker, or set a USER in the image.',
};

/**
 * Releases content: numbers the release, runs its release command, rolls it out and records the result. Requires the
 * app's lease.
 */
export class ReleaseFlow {
  readonly #live: LiveReleases;

  constructor(private readonly parts: ReleasePorts) {
    this.#live = new LiveReleases(parts.store.releases);
  }

  /**
   * Returns the live release; on failure throws, with the old one still live. `madeOn`: the engine that has the image,
   * by default the controller's.
   */
  async release(app: AppRecord, content: ReleaseContent, work: OperationRun, madeOn?: Images): Promise<ReleaseRecord> {
    const before = await this.liveRelease(app);
    const release = await this.#number(app, content, work.id);
    const url = appUrl(app.name, this.parts.cluster);
    for (const event of processNotices({ before, release, formation: app.formation, url })) work.emit(event);
    try {
      const image = await this.#publish(app, release, work, madeOn);
      await this.#releasePhase(app, release, work);
      const target = { release: release.version, incarnation: 1 };
      await this.#roll({ app, release, target, formation: app.formation, image }, work);
      await this.parts.store.releases.setStatus(app.id, release.version, { status: 'succeeded' });
    } catch (error) {
      const why = isMothershipError(error) ? error.message : 'Internal error';
      await this.parts.store.releases.setStatus(app.id, release.version, { status: 'failed', error: why });
      throw error;
    }
    await pruneReleases(this.parts, app.id);
    return release;
  }

  /** Starts the live release again, for example to restart or resize it. */
  async restart(app: AppRecord, formation: Formation, work: OperationRun): Promise<ReleaseRecord> {
    const release = await this.liveRelease(app);
    if (!release?.image || !app.live) throw fail('APP_HAS_NO_RELEASE', { app: app.name });
    const target = { release: app.live.release, incarnation: app.live.incarnation + 1 };
    const image = await this.#publish(app, release, work);
    await this.#roll({ app, release, target, formation, image }, work);
    return release;
  }

  /** Starts a release unchanged: without a new number or its release command. */
  async start(app: AppRecord, release: ReleaseRecord, target: Generation, work: OperationRun): Promise<void> {
    this.#live.forget(app.id);
    const image = await this.#publish(app, release, work);
    await this.#roll({ app, release, target, formation: app.formation, image }, work);
  }

  async liveRelease(app: AppRecord): Promise<ReleaseRecord | undefined> {
    return this.#live.of(app);
  }

  /** The port passed to the release's processes. */
  async port(release: ReleaseRecord): Promise<number> {
    return webPort(release, release.exposedPorts ?? (await this.#imageFacts(release)).exposedPorts);
  }

  /** Ensures that this engine has the release's image, to run a command in it. */
  async ensureImage(app: string, release: ReleaseRecord, signal?: AbortSignal): Promise<void> {
    if (release.image) await this.parts.images.ensure(appRepository(app), release.image, signal ? { signal } : {});
  }

  /** Where every node gets the release's image; undefined with one node, which has it. Throws IMAGE_GONE. */
  async serviceImage(app: string, { image }: ReleaseRecord): Promise<ServiceImage | undefined> {
    const { images } = this.parts;
    if (!images.shared || image === null) return undefined;
    const { sent: _sent, ...published } = await images.publish(appRepository(app), image);
    return published;
  }

  /** Whether every node's engine keeps setuid programs in services from gaining privileges. */
  async isConfined(): Promise<boolean> {
    return (await this.parts.engine.nodes()).every(({ engineVersion }) => blocksSetuid(engineVersion));
  }

  /**
   * Runs a command line of the release as a one-off for at most an hour and returns its exit code. `source` labels its
   * output.
   */
  async runOnce(
    app: AppRecord,
    release: ReleaseRecord,
    { name, command, source }: OneOffCommand,
    work: OperationRun,
  ): Promise<number> {
    const hour = AbortSignal.timeout(3_600_000);
    const size = { memoryBytes: GiB, cpus: 1 };
    const network = await this.ensureNetwork(app.id);
    await this.ensureImage(app.id, release, work.signal);
    const input = {
      app,
      release,
      name,
      command: [command],
      env: {},
      tty: false,
      stdin: false,
      size,
      port: await this.port(release),
      network,
    };
    const onLine = (line: string): void => work.emit({ type: 'output', source, line });
    return this.parts.oneOffs.runToEnd(input, onLine, AbortSignal.any([hour, work.signal]));
  }

  async ensureNetwork(app: string): Promise<string> {
    const { engine, cluster } = this.parts;
    const name = appNetwork(app);
    const found = await engine.network(name);
    if (found) return found.id;
    const labels = { [label.kind]: KIND.appNetwork, [label.app]: app, [label.cluster]: cluster.name };
    return engine.createNetwork({ name, driver: 'overlay', attachable: true, labels });
  }

  async #number(app: AppRecord, content: ReleaseContent, operation: string): Promise<ReleaseRecord> {
    const { store, clock } = this.parts;
    const { lastRelease } = await store.apps.update(app.id, (record) => ({
      ...record,
      lastRelease: record.lastRelease + 1,
    }));
    const known = content.exposedPorts && content.imageUser !== undefined;
    const release = {
      ...content,
      ...(known ? {} : await this.#imageFacts({ ...content, app: app.id })),
      app: app.id,
      version: lastRelease,
      createdAt: isoNow(clock),
      stack: app.stack,
      operation,
    };
    await store.releases.create(release);
    return release;
  }

  /** Older records lack them; a node without the image pulls it. */
  async #imageFacts({ app, image, kind }: Pick<ReleaseRecord, 'app' | 'image' | 'kind'>): Promise<ImageFacts> {
    if (image === null || kind === 'buildpacks') return {};
    await this.parts.images.ensure(appRepository(app), image);
    return imageFacts(await this.parts.engine.image(image));
  }

  /** Before anything starts, every node must be able to pull. Does nothing with one node. */
  async #publish(
    app: AppRecord,
    release: ReleaseRecord,
    work: OperationRun,
    engine?: Images,
  ): Promise<ServiceImage | undefined> {
    const { images, clock } = this.parts;
    if (!images.shared || release.image === null) return undefined;
    const image = release.image;
    const { sent: _sent, ...published } = await inPhase(
      'push',
      () => images.publish(appRepository(app.id), image, { signal: work.signal, ...(engine ? { engine } : {}) }),
      {
        clock,
        emit: (event) => work.emit(event),
        detail: ({ sent }) => sent,
      },
    );
    return published;
  }

  async #roll({ image, formation, ...start }: Start, work: OperationRun): Promise<void> {
    const { app, release, target } = start;
    const { store, proxyNetwork } = this.parts;
    const [network, port, confined] = await Promise.all([
      this.ensureNetwork(app.id),
      this.port(release),
      this.isConfined(),
    ]);
    if (!confined && startsAsRoot(release)) work.emit(CANNOT_SWITCH_USERS);
    const plan = planRollout({
      ...start,
      formation: formationFor(Object.keys(release.processTypes), formation),
      port,
      ...(image ? { image } : {}),
      confined,
      networks: { app: network, proxy: proxyNetwork },
    });
    await store.apps.update(app.id, (record) =>
      record.lease ? { ...record, lease: { ...record.lease, target } } : record,
    );
    await new Rollout(this.parts, plan, work.emit).run(work.signal);
    await warnOfShortfall(this.parts, app, target, work.emit).catch(() => undefined);
  }

  /** Heroku's release phase: once per release, before the switch, at most an hour. */
  async #releasePhase(app: AppRecord, release: ReleaseRecord, work: OperationRun): Promise<void> {
    const command = release.processTypes['release'];
    if (!command || release.image === null) return;
    const began = this.parts.clock.now();
    work.emit({ type: 'phase', phase: 'release', state: 'started' });
    const exitCode = await this.runOnce(
      app,
      release,
      { name: `release.${release.version}`, command, source: 'release' },
      work,
    );
    const ms = this.parts.clock.now() - began;
    work.emit({ type: 'phase', phase: 'release', state: exitCode === 0 ? 'done' : 'failed', ms });
    if (exitCode !== 0) throw fail('RELEASE_PHASE_FAILED', { exitCode });
  }
}
