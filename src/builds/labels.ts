/** Labels on objects that builds create in the engine. */
export const label = {
  kind: 'mothership.kind',
  app: 'mothership.app',
  build: 'mothership.build',
  /** On a layer image: the app that may reuse it. Empty on app images, which would inherit it. */
  layerOf: 'mothership.layer-of',
} as const;

export const KIND = {
  build: 'build',
  cache: 'build-cache',
  network: 'build-network',
  image: 'app-image',
  layer: 'app-layer',
} as const;

/** The network of all builds: internet access only. */
export const BUILD_NETWORK = 'mothership-build';

export function cacheVolume(appId: string): string {
  return `mothership-cache-${appId}`;
}

/** Tests have a separate cache; app ids contain no dots. */
export function testApp(appId: string): string {
  return `${appId}.test`;
}
