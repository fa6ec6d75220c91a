export type { ImageStore, ServiceImage } from './image-store.ts';
export { appRepository, digestReference, platformRepository, splitPrefix, tagReference } from './references.ts';
