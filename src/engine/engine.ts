import type { Configs, Secrets } from './configs/configs.ts';
import type { Containers } from './containers/containers.ts';
import type { Execs } from './containers/execs.ts';
import type { Images } from './images/images.ts';
import type { Networks } from './networks/networks.ts';
import type { Nodes } from './nodes/nodes.ts';
import type { Services } from './services/services.ts';
import type { Swarm } from './swarm/swarm.ts';
import type { System } from './system/system.ts';
import type { Volumes } from './volumes/volumes.ts';

export type { LabelFilter, Labels } from './connection/labels.ts';
export type * from './configs/configs.ts';
export type * from './containers/containers.ts';
export type * from './containers/execs.ts';
export type * from './images/images.ts';
export type * from './networks/networks.ts';
export type * from './nodes/nodes.ts';
export type * from './services/services.ts';
export type * from './swarm/swarm.ts';
export type * from './system/system.ts';
export type * from './volumes/volumes.ts';
export type { TaskInfo, TaskState } from './services/tasks.ts';

/**
 * The parts of Docker Engine's API that Mothership uses. Implemented by `dockerEngine`; tests use a `FakeEngine` that
 * passes the same contract tests.
 *
 * Getters return `undefined` for missing objects, and removers ignore them. Other errors throw ENGINE_FAILED; an update
 * with an old `version` throws CONFLICT, a new object with a taken name ENGINE_NAME_TAKEN, an unreachable engine
 * ENGINE_UNREACHABLE. Names are exact, although the engine itself also accepts prefixes of ids.
 */
export interface Engine
  extends System, Swarm, Nodes, Configs, Secrets, Networks, Volumes, Services, Containers, Execs, Images {}
