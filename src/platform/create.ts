import { randomBytes, timingSafeEqual, createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SourceStore } from '#builds';
import { names } from '#cluster/names.ts';
import { hostNameOf, type Engine } from '#engine';
import { fail } from '#errors';
import type { Clock, Logger, Secret } from '#events';
import { AppLogs } from '#logs';
import { LiveRoutes, Readiness, tcpProbe, type Probe } from '#rollout';
import { RouterHub } from '#router';
import { DiskWatch, OneOffs } from '#processes';
import { SwarmStore } from '#store';
import { appErrors } from '#processes/app-errors.ts';
import { apps } from '#apps/apps.ts';
import { backup } from '#backup/backups.ts';
import { AppSources } from '#builds/queue/app-sources.ts';
import { BuildQueue } from '#builds/queue/build-queue.ts';
import { Builders } from '#builds/queue/builders.ts';
import { buildpacks } from '#builds/buildpacks/buildpacks.ts';
import { buildSettings } from '#builds/build-settings.ts';
import { Builds } from '#builds/builds.ts';
import { CacheEviction } from '#builds/cache/cache-eviction.ts';
import { clusterNoun } from '#cluster/cluster-info.ts';
import { config } from '#apps/config.ts';
import { domains } from '#apps/domains.ts';
import { formation } from '#processes/formation.ts';
import { imageStore, type RegistryAccess } from '#registry/cluster-images.ts';
import { failInterruptedBuild } from '#builds/interrupted-build.ts';
import { Leases } from '#operations/leases.ts';
import { IsolationWatch } from '#nodes/care/isolation-watch.ts';
import { NodeCare } from '#nodes/care/node-care.ts';
import { nodeTaskOf } from '#nodes/node-tasks.ts';
import { Nodes } from '#nodes/nodes.ts';
import { Operations } from '#operations/operations.ts';
import { LocalEngines, type NodeEngines } from '#nodes/engines/node-engines.ts';
import type { AccessPorts } from '#access/ports.ts';
import type { AppPorts } from '#apps/ports.ts';
import type { BackupPorts } from '#backup/ports.ts';
import type { BuildPorts } from '#builds/ports.ts';
import type { ClusterPorts } from '#cluster/ports.ts';
import type { NodePorts } from '#nodes/ports.ts';
import type { OperationPorts } from '#operations/ports.ts';
import type { ProcessPorts } from '#processes/ports.ts';
import type { RegistryPorts } from '#registry/ports.ts';
import type { ReleasePorts } from '#releases/ports.ts';
import type { Platform } from './platform.ts';
import { ps } from '#processes/ps.ts';
import { systemResolve, type Resolve } from '#registry/allowed/addresses.ts';
import { RegistryCare } from '#registry/registry-care.ts';
import { NodePruning } from '#nodes/care/prune-nodes.ts';
import { ReleaseFlow } from '#releases/release-flow.ts';
import { releases } from '#releases/releases.ts';
import { run } from '#processes/one-offs/runs.ts';
import { Stacks } from '#releases/stacks.ts';
import { keepPruned } from '#operations/prune-operations.ts';
import { Sweep } from '#operations/sweep.ts';
import { sourceReader } from '#builds/source/source-reader.ts';
import { sourceThreads } from '#builds/source/source-thread.ts';
import { tests } from '#builds/tests.ts';
import { tokens } from '#access/tokens.ts';

interface PlatformOptions {
  readonly engine: Engine;
  /** Needed for several nodes; otherwise the local engine. */
  readonly engines?: NodeEngines;
  /** Folder for operations' events and uploads. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  /** Shared with the routers. */
  readonly routerToken: Secret;
  /** Identifies its own task; undefined outside Swarm. */
  readonly hostName?: string;
  readonly probe?: Probe;
  /** Looks up names of registries; the system's resolver if missing. */
  readonly resolve?: Resolve;
  /** For a cluster with a registry. */
  readonly registry?: RegistryAccess;
  /** `source-worker.ts`, built: reads what users send in threads of its own. Without it, this thread does. */
  readonly sourceWorker?: URL;
  /** Folder with the files of the box in which Dockerfiles are built. */
  readonly box: string;
}

export interface RunningPlatform extends Platform {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Everything that the rooms ask for. */
type Ports = AccessPorts &
  AppPorts &
  BackupPorts &
  BuildPorts &
  ClusterPorts &
  NodePorts &
  OperationPorts &
  ProcessPorts &
  RegistryPorts &
  ReleasePorts & { readonly logs: AppLogs; readonly isolation: IsolationWatch };

/** Composes the platform on an engine that setup has prepared. Throws NOT_SET_UP. */
export async function createPlatform(options: PlatformOptions): Promise<RunningPlatform> {
  const ports = await assemble(options);
  const flow = new ReleaseFlow(ports);
  const nodes = new Nodes(ports, flow);
  const life = new AbortController();
  const { cluster, hub, operations, leases } = ports;
  return {
    ...appNouns(ports, flow),
    account: async ({ user, role, tokenId: token }) => ({ user, role, token, cluster: cluster.name }),
    tokens: tokens(ports),
    cluster: clusterNoun(ports),
    backup: backup(ports, flow, options.version),
    buildSettings: buildSettings(ports),
    nodes,
    operations,
    routers: {
      authenticate: (value) => isSame(value, options.routerToken),
      poll: (report, signal) => hub.poll(report, signal),
    },
    async start() {
      await start(ports, nodes, life.signal);
      if (ports.images.shared) void new RegistryCare(ports, flow).keep(life.signal);
    },
    stop: () => {
      life.abort();
      return leases.end();
    },
  };
}

function appNouns(ports: Ports, flow: ReleaseFlow) {
  const { logs, store } = ports;
  return {
    apps: apps(ports, flow),
    config: config(ports, flow),
    builds: new Builds(ports, flow),
    buildpacks: buildpacks(ports),
    tests: tests(ports, flow),
    releases: releases(ports, flow),
    stack: new Stacks(ports, flow),
    formation: formation(ports, flow),
    ps: ps(ports, flow),
    domains: domains(ports),
    run: run(ports, flow),
    errors: (app, { hours = 24 }, signal) => appErrors(ports, { app, hours }, signal),
    async *logs(app, { n = 100, tail = false, ps, source }, signal) {
      yield* logs.read({ app: await store.apps.get(app), lines: n, follow: tail, ps, source }, signal);
    },
  } satisfies Partial<Platform>;
}

async function assemble(options: PlatformOptions): Promise<Ports> {
  const { engine, engines = new LocalEngines(engine), dataDir, clock, logger, registry: access } = options;
  const { sourceWorker: script, resolve = systemResolve } = options;
  const reader = script ? sourceThreads({ clock, script }) : sourceReader;
  const store = new SwarmStore(engine);
  const [cluster, proxy] = await Promise.all([store.cluster.get(), engine.network(names.proxyNetwork)]);
  if (!cluster || !proxy) throw fail('NOT_SET_UP', {});
  await mkdir(dataDir, { recursive: true });
  const caBundle = cluster.caBundle ? (await engine.config(cluster.caBundle))?.data : undefined;
  const [hub, readiness] = [new RouterHub(clock), new Readiness(options.probe ?? tcpProbe)];
  const base = { engine, engines, store, clock, logger, hub, readiness, cluster, dataDir, proxyNetwork: proxy.id };
  const images = imageStore({ ...base, engineOn: (node) => engines.on(node), access, caBundle });
  const diskWatch = new DiskWatch(base);
  return {
    ...base,
    ...buildPorts({ ...base, reader, resolve, box: options.box }, images.shared),
    resolve,
    images,
    caBundle,
    routes: new LiveRoutes({ ...base, domain: cluster.domain, routerService: names.router }),
    leases: new Leases({
      store,
      clock,
      controller: randomBytes(6).toString('hex'),
      isReplaced: () => isReplaced(engine, options.hostName),
    }),
    operations: new Operations(base),
    oneOffs: new OneOffs(base),
    isolation: new IsolationWatch(base),
    diskWatch,
    logs: new AppLogs({ engine, clock, nodes: engines, stopsOf: (app) => diskWatch.stopsOf(app) }),
  };
}

/** `shared`: whether there is a registry. */
function buildPorts(
  parts: Pick<Ports, 'engines' | 'store' | 'clock' | 'logger' | 'dataDir' | 'reader' | 'resolve'> & {
    readonly box: string;
  },
  shared: boolean,
): Pick<Ports, 'appSources' | 'builders' | 'buildQueue' | 'sources' | 'reader'> {
  const { store, clock, logger, dataDir, reader } = parts;
  const builders = new Builders({ ...parts, settings: () => store.settings.builds(), shared });
  return {
    builders,
    buildQueue: new BuildQueue({
      builders: () => builders.ready(),
      clock,
      warn: (facts, message) => logger.warn(facts, message),
    }),
    appSources: new AppSources(),
    sources: new SourceStore({ folder: join(dataDir, 'sources'), clock }),
    reader,
  };
}

async function isReplaced(engine: Engine, hostName: string | undefined): Promise<boolean> {
  if (hostName === undefined) return false;
  const tasks = await engine.tasks({ service: names.controller });
  return tasks.some((task) => hostNameOf(task) === hostName && task.desired !== 'running');
}

/** Resumes work of an earlier controller, then keeps routes and leases up to date until stopped. */
async function start(ports: Ports, nodes: Nodes, signal: AbortSignal): Promise<void> {
  const { logger, routes, builders, dataDir } = ports;
  // Archives whose builds died with the earlier process.
  await rm(join(dataDir, 'uploads'), { recursive: true, force: true });
  await builders.cleanUp().catch((error: unknown) => logger.warn({ err: error }, 'failed to clean up builds'));
  await concludeInterrupted(ports);
  await nodes.resume().catch((error: unknown) => logger.error({ err: error }, 'failed to resume changes of nodes'));
  void routes.keep(signal, (error) => logger.error({ err: error }, 'failed to refresh routes'));
  void new Sweep(ports).keep(signal);
  void keepPruned(ports, signal);
  void new NodePruning(ports).keep(signal);
  void new CacheEviction(ports).keep(signal);
  void new NodeCare(ports).keep(signal);
  void ports.isolation.keep(signal);
  void ports.diskWatch.keep(signal);
}

/**
 * Ends operations without a lease, which died with their process. The sweep handles those with a lease; node operations
 * are resumed.
 */
async function concludeInterrupted({ operations, store, engine }: Ports): Promise<void> {
  const [apps, nodes] = await Promise.all([store.apps.list(), engine.nodes()]);
  const leased = new Set([
    ...apps.map((app) => app.lease?.operation),
    ...nodes.map((node) => nodeTaskOf(node)?.operation),
  ]);
  for (const { id, kind, subject } of await operations.unfinished()) {
    if (leased.has(id)) continue;
    await operations.conclude(id, fail('INTERRUPTED', { what: `the ${kind} of ${subject.name}` }));
    const record = subject.kind === 'app' ? await store.apps.find(subject.name) : undefined;
    if (record) await failInterruptedBuild(store, record.id, id);
  }
}

function isSame(a: Secret, b: Secret): boolean {
  const hash = (secret: Secret): Buffer => createHash('sha256').update(secret.reveal()).digest();
  return timingSafeEqual(hash(a), hash(b));
}
