import type { Images } from '#engine';

const PREFIX = 'mothership-app/';

/** Local repository of the images that are built for an app; their tags are ids of builds. */
export function imageRepository(app: string): string {
  return `${PREFIX}${app}`;
}

/** The app's id in a tag `mothership-app/<app>:<build>`. */
export function appOfTag(tag: string): string | undefined {
  return tag.startsWith(PREFIX) ? tag.slice(PREFIX.length).split(':')[0] : undefined;
}

/**
 * Removes an image's tags of this app, and with the last tag the image. Two apps with the same source have the same
 * image, and an engine does not remove by id what has names in two repositories.
 */
export async function removeAppImage(engine: Images, app: string, id: string): Promise<void> {
  const image = await engine.image(id);
  if (!image) return;
  const own = image.tags.filter((tag) => appOfTag(tag) === app);
  for (const reference of image.tags.length === 0 ? [id] : own) await engine.removeImage(reference);
}
