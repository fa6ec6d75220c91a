/** Labels on what builds make in the engine. */
export const label = {
  kind: 'mothership.kind',
  app: 'mothership.app',
  build: 'mothership.build',
  /** On a layer image: the app that may build on it. Empty on images of apps, which would inherit it. */
  layerOf: 'mothership.layer-of',
} as const;

export const KIND = {
  build: 'build',
  cache: 'build-cache',
  network: 'build-network',
  image: 'app-image',
  layer: 'app-layer',
} as const;

/** The network of all builds: out to the world, never to each other, the platform or apps. */
export const BUILD_NETWORK = 'mothership-build';

export function cacheVolume(appId: string): string {
  return `mothership-cache-${appId}`;
}

/** Tests of an app have a cache of their own: no app's id has a dot. */
export function testApp(appId: string): string {
  return `${appId}.test`;
}
