import type { Account, AppErrors, LogEntry, Operation, Query } from '#api';
import type { Caller } from '#access/caller.ts';
import type { Tokens } from '#access/tokens.ts';
import type { Apps } from '#apps/apps.ts';
import type { Config } from '#apps/config.ts';
import type { Domains } from '#apps/domains.ts';
import type { Backups } from '#backup/backups.ts';
import type { SettingsOfBuilds } from '#builds/build-settings.ts';
import type { Buildpacks } from '#builds/buildpacks/buildpacks.ts';
import type { Builds } from '#builds/builds.ts';
import type { Tests } from '#builds/tests.ts';
import type { Cluster } from '#cluster/cluster-info.ts';
import type { NumberedEvent, Secret } from '#events';
import type { Nodes } from '#nodes/nodes.ts';
import type { Formations } from '#processes/formation.ts';
import type { Processes } from '#processes/ps.ts';
import type { Runs } from '#processes/one-offs/runs.ts';
import type { Releases } from '#releases/releases.ts';
import type { Stacks } from '#releases/stacks.ts';
import type { RouterReport, RouteTable } from '#router';

/**
 * Everything Mothership can do. The controller exposes it over HTTP, and tests call it directly. Uses the API's
 * objects; `app` is an app's name. Missing objects throw *_NOT_FOUND errors. Long work returns an Operation immediately
 * and continues in the background.
 */
export interface Platform {
  readonly tokens: Tokens;
  account(caller: Caller): Promise<Account>;
  readonly cluster: Cluster;
  readonly backup: Backups;
  readonly nodes: Pick<Nodes, 'list' | 'info' | 'update' | 'drain' | 'remove' | 'rebalance' | 'join'>;
  readonly apps: Apps;
  readonly config: Config;
  readonly builds: Pick<Builds, 'list' | 'create' | 'offer' | 'info' | 'output' | 'cancel' | 'purgeCache'>;
  readonly buildSettings: SettingsOfBuilds;
  readonly buildpacks: Buildpacks;
  readonly tests: Tests;
  readonly releases: Releases;
  readonly stack: Pick<Stacks, 'info' | 'update' | 'updateAll'>;
  readonly formation: Formations;
  readonly ps: Processes;
  readonly domains: Domains;
  logs(app: string, query: Query<'logs'>, signal: AbortSignal): AsyncIterable<LogEntry>;
  /** Codes of failed requests and crashes, counted. */
  errors(app: string, query: Query<'appsErrors'>, signal: AbortSignal): Promise<AppErrors>;
  readonly run: Runs;
  readonly operations: {
    info(id: string): Promise<Operation>;
    /** Ends when the operation has ended and every event was delivered. */
    events(id: string, from: number, signal: AbortSignal): AsyncIterable<NumberedEvent>;
    cancel(id: string): Promise<Operation>;
  };
  readonly routers: {
    authenticate(value: Secret): boolean;
    /** Long poll; undefined if nothing changed in time. */
    poll(report: RouterReport, signal: AbortSignal): Promise<RouteTable | undefined>;
  };
}
