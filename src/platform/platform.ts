import type { Readable, Writable } from 'node:stream';
import type {
  Account,
  App,
  Build,
  Buildpack,
  BuildSettings,
  CachePurged,
  ClusterInfo,
  Domain,
  Exec,
  Joining,
  LogEntry,
  Node,
  NodeDetails,
  NodeUpdated,
  Operation,
  ProcessFormation,
  Release,
  Run,
  SourceOffered,
  Stack,
  Task,
  Token,
} from '../api/index.ts';
import type { Body, Query } from '../api/index.ts';
import type { NumberedEvent, Secret } from '../events/index.ts';
import type { RouterReport, RouteTable } from '../router/index.ts';

/** Who is asking; every change names its caller. */
export interface Caller {
  readonly user: string;
  readonly role: 'admin' | 'member' | 'deploy';
  /** Name of the only app that a deployer may deploy. */
  readonly app?: string;
  readonly tokenId: string;
}

/** Source as it arrives: a gzipped tar of the app's folder. Hostile until unpacked with care. */
export interface BuildRequest {
  readonly archive: Readable;
  readonly options: Query<'buildsCreate'>;
}

/** A backup as it arrives. Checked whole before anything is changed. */
export interface RestoreRequest {
  readonly archive: Readable;
  readonly options: Query<'backupRestore'>;
}

/** A one-off process with a terminal or pipes at the other end. */
export interface RunSession {
  readonly tty: boolean;
  readonly input: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  resize(size: { columns: number; rows: number }): Promise<void>;
  /** The program's exit code, once it ended. */
  readonly exited: Promise<number>;
  /** The other side went away: end the program as a closed terminal would. */
  hangUp(): Promise<void>;
}

/**
 * What Mothership can do, as one object: the controller is an HTTP front on it, and tests call it directly.
 * Objects are the contract's. `app` is an app's name. Unknown things throw the catalogue's *_NOT_FOUND errors.
 * Whatever takes long answers an Operation at once and goes on in the background.
 */
export interface Platform {
  readonly tokens: {
    authenticate(value: Secret): Promise<Caller | undefined>;
    list(): Promise<Token[]>;
    create(input: Body<'tokensCreate'>): Promise<Token & { value: string }>;
    revoke(id: string): Promise<Token>;
  };
  account(caller: Caller): Promise<Account>;
  readonly cluster: { info(): Promise<ClusterInfo> };
  readonly backup: {
    /** A tar; it breaks off with an error when it cannot be finished. */
    create(options: Query<'backupCreate'>): Promise<Readable>;
    /** Resolves when the backup was received and found to fit. Throws the BACKUP_* errors and RESTORE_CONFLICT. */
    restore(request: RestoreRequest, caller: Caller): Promise<Operation>;
  };
  /** `node`: an id, a hostname or an address. */
  readonly nodes: {
    list(): Promise<Node[]>;
    info(node: string): Promise<NodeDetails>;
    update(node: string, changes: Body<'nodesUpdate'>, caller: Caller): Promise<NodeUpdated>;
    drain(node: string, input: Body<'nodesDrain'>, caller: Caller): Promise<Operation>;
    remove(node: string, input: Query<'nodesRemove'>, caller: Caller): Promise<Operation>;
    rebalance(caller: Caller): Promise<Operation>;
    /** Secret. */
    join(role: 'manager' | 'worker'): Promise<Joining>;
  };
  readonly apps: {
    list(): Promise<App[]>;
    create(input: Body<'appsCreate'>, caller: Caller): Promise<App>;
    info(app: string): Promise<App>;
    update(app: string, changes: Body<'appsUpdate'>, caller: Caller): Promise<App>;
    destroy(app: string, confirm: string, caller: Caller): Promise<App>;
  };
  readonly config: {
    get(app: string): Promise<Record<string, string>>;
    update(app: string, changes: Body<'configUpdate'>, caller: Caller): Promise<Operation>;
  };
  readonly builds: {
    list(app: string): Promise<Build[]>;
    /** Resolves when the archive has been received whole. */
    create(app: string, request: BuildRequest, caller: Caller): Promise<Operation>;
    /** Which contents of a source are to come with the build that names it. */
    offer(app: string, manifest: Readable): Promise<SourceOffered>;
    info(app: string, build: string): Promise<Build>;
    output(app: string, build: string, from: number, signal: AbortSignal): AsyncIterable<NumberedEvent>;
    cancel(app: string, build: string): Promise<Build>;
    /** Throws BUILD_CACHE_IN_USE. */
    purgeCache(app: string): Promise<CachePurged>;
  };
  readonly buildSettings: {
    info(): Promise<BuildSettings>;
    update(changes: Body<'buildSettingsUpdate'>, caller: Caller): Promise<BuildSettings>;
  };
  readonly buildpacks: {
    list(app: string): Promise<Buildpack[]>;
    update(app: string, change: Body<'buildpacksUpdate'>, caller: Caller): Promise<Buildpack[]>;
  };
  readonly tests: {
    /** Builds the source for its tests and runs them; the operation's result has their exit code. */
    create(
      app: string,
      request: { readonly archive: Readable; readonly options: Query<'testsCreate'> },
      caller: Caller,
    ): Promise<Operation>;
  };
  readonly releases: {
    list(app: string): Promise<Release[]>;
    /** `release`: `v3`, `3` or `current`. */
    info(app: string, release: string): Promise<Release>;
    create(app: string, input: Body<'releasesCreate'>, caller: Caller): Promise<Operation>;
    rollback(app: string, input: Body<'releasesRollback'>, caller: Caller): Promise<Operation>;
  };
  readonly stack: {
    info(app: string): Promise<Stack>;
    update(app: string, caller: Caller): Promise<Operation>;
    updateAll(caller: Caller): Promise<Operation>;
  };
  readonly formation: {
    get(app: string): Promise<ProcessFormation[]>;
    update(app: string, input: Body<'formationUpdate'>, caller: Caller): Promise<Operation>;
  };
  readonly ps: {
    list(app: string): Promise<Task[]>;
    restart(app: string, input: Body<'psRestart'>, caller: Caller): Promise<Operation>;
    stop(app: string, input: Body<'psStop'>, caller: Caller): Promise<Operation>;
    exec(app: string, input: Body<'psExec'>, caller: Caller): Promise<Exec>;
    /** Starts what `exec` prepared; once per session. */
    attachExec(app: string, exec: string): Promise<RunSession>;
    /** Output is a tar of the path, or input a tar that is unpacked there. */
    copy(app: string, query: Query<'psCopy'>, caller: Caller): Promise<RunSession>;
    /** Input and output are one connection's. */
    forward(app: string, query: Query<'psForward'>, caller: Caller): Promise<RunSession>;
  };
  readonly domains: {
    list(app: string): Promise<Domain[]>;
    add(app: string, domain: string, caller: Caller): Promise<Domain>;
    remove(app: string, domain: string, caller: Caller): Promise<Domain>;
    clear(app: string, caller: Caller): Promise<Domain[]>;
  };
  logs(app: string, query: Query<'logs'>, signal: AbortSignal): AsyncIterable<LogEntry>;
  readonly run: {
    create(app: string, input: Body<'runCreate'>, caller: Caller): Promise<Run>;
    /** Starts what `create` prepared; once per run. */
    attach(app: string, run: string): Promise<RunSession>;
  };
  readonly operations: {
    info(id: string): Promise<Operation>;
    /** Ends when the operation has ended and everything was delivered. */
    events(id: string, from: number, signal: AbortSignal): AsyncIterable<NumberedEvent>;
    cancel(id: string): Promise<Operation>;
  };
  readonly routers: {
    authenticate(value: Secret): boolean;
    /** Long poll; undefined when nothing changed within the hold time. */
    poll(report: RouterReport, signal: AbortSignal): Promise<RouteTable | undefined>;
  };
}
