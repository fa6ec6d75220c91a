/** The lab in one import: machines made of containers, for tests which need real engines and a real Swarm. */
export { cleanup, cleanupStale, listNodes } from './cleanup.js';
export { initSwarm, joinSwarm, startCluster } from './cluster.js';
export { installCommands } from './debian-packages.js';
export { cachedImagesFile, cacheImages, forgetImages, loadCachedImages, seedImages } from './image-cache.js';
export { BASE_IMAGE, MACHINE_IMAGE, NODE_IMAGE, contentKey } from './image-recipes.js';
export { ensureLabImage } from './images.js';
export { ensureHostEngine, stopHostEngine } from './host-engine.js';
export { LabNode } from './node.js';
export { findNode, newRunId, startNode } from './start-node.js';
export type { NodeKind, NodeOptions } from './start-node.js';
export { startSsh } from './ssh.js';
