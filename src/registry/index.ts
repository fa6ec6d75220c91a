export { RegistryClient, type RegistryClientOptions } from './client/client.ts';
export { ImageCopy } from './copy.ts';
export { freeBlobs } from './free-blobs.ts';
export type {
  Collection,
  ImageStore,
  NeededImages,
  Published,
  ServiceImage,
  SyncReport,
  Transfer,
} from './image-store.ts';
export { Images, type ImagesParts } from './images.ts';
export { LocalImages } from './local-images.ts';
export {
  appRepository,
  digestReference,
  parseDigestReference,
  platformRepository,
  splitPrefix,
  tagOf,
  tagReference,
} from './references.ts';
export type { Blob, Manifest, Registry } from './client/registry.ts';
