/** The network of all builds: internet access only. */
export const BUILD_NETWORK = 'mothership-builds';
/** Of earlier versions; the engine named its bridge, so no rule of the firewall could. */
export const OLD_BUILD_NETWORK = 'mothership-build';

export function cacheVolume(appId: string): string {
  return `mothership-cache-${appId}`;
}

/** Dockerfile builds have a cache of their own: buildah's storage, whose files belong to many users. */
export function layersVolume(appId: string): string {
  return cacheVolume(`${appId}.layers`);
}

/** Tests have a separate cache; app ids contain no dots. */
export function testApp(appId: string): string {
  return `${appId}.test`;
}
