export { whereIs, type EngineAddress } from './connection.ts';
export { DockerEngine } from './docker-engine.ts';
export type * from './engine.ts';
export { endContainer } from './end-container.ts';
export { runInContainer, unheard } from './run-in-container.ts';
export { engineAddress, engineFromEnvironment } from './environment.ts';
export { splitReference } from './references.ts';
export { hostNameOf, isPrepared } from './tasks.ts';
