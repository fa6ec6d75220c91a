export { whereIs, type EngineAddress } from './connection/connection.ts';
export { dockerEngine } from './docker-engine.ts';
export type * from './engine.ts';
export { LOG_LIMITS } from './containers/containers.ts';
export { endContainer } from './containers/end-container.ts';
export { runInContainer, unheard } from './containers/run-in-container.ts';
export { engineAddress } from './connection/environment.ts';
export { blocksSetuid, BLOCKS_SETUID, isTooOld, OLDEST_ENGINE } from './oldest.ts';
export { hostNameOf, isPrepared } from './services/tasks.ts';
