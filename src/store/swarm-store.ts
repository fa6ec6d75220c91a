import type { Configs } from '#engine';
import { SwarmApps } from './apps.ts';
import { SwarmBuilds } from './builds.ts';
import { SwarmCluster } from './cluster.ts';
import { SwarmObjects } from './objects.ts';
import { SwarmReleases } from './releases.ts';
import { SwarmSettings } from './settings-records.ts';
import type { Store } from './store.ts';
import { SwarmTokens } from './tokens.ts';

/** The store in Swarm's replicated Raft log. */
export class SwarmStore implements Store {
  readonly apps: SwarmApps;
  readonly releases: SwarmReleases;
  readonly builds: SwarmBuilds;
  readonly tokens: SwarmTokens;
  readonly cluster: SwarmCluster;
  readonly settings: SwarmSettings;

  constructor(engine: Configs) {
    const objects = new SwarmObjects(engine);
    this.apps = new SwarmApps(objects);
    this.releases = new SwarmReleases(objects);
    this.builds = new SwarmBuilds(objects);
    this.tokens = new SwarmTokens(objects);
    this.cluster = new SwarmCluster(objects);
    this.settings = new SwarmSettings(objects);
  }
}
