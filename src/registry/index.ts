export { RegistryClient } from './client/client.ts';
export { freeBlobs } from './free-blobs.ts';
export type { ImageStore, NeededImages, ServiceImage } from './image-store.ts';
export { Images } from './images.ts';
export { LocalImages } from './local-images.ts';
export {
  appRepository,
  digestReference,
  parseDigestReference,
  platformRepository,
  splitPrefix,
  tagReference,
} from './references.ts';
export type { Registry } from './client/registry.ts';
