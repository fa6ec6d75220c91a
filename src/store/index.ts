export type * from './records.ts';
export type { Store, StoredBuild, StoredRelease } from './store.ts';
export { SwarmStore } from './swarm-store.ts';
