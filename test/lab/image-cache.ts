import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { dockerArgv, must } from './command.js';
import { contentKey } from './image-recipes.js';
import { imageCacheDirectory } from './lab-paths.js';
import { withLock } from './lock.js';
import type { LabNode } from './node.js';

/** File of a set of images; the key must change whenever their content would. */
function cacheFile(key: string): string {
  return join(imageCacheDirectory(), `${contentKey(key)}.tar`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Keeps images of an engine for later runs. The layers they share are written once: save them together. */
export async function cacheImages(socket: string, refs: readonly string[], key: string): Promise<void> {
  const file = cacheFile(key);
  await mkdir(imageCacheDirectory(), { recursive: true });
  await dropUnused();
  const partial = `${file}.${process.pid}`;
  try {
    await must(dockerArgv(socket, ['save', '-o', partial, ...refs]));
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Loads cached images into an engine; false when the cache has none under that key. */
export async function loadCachedImages(socket: string, key: string): Promise<boolean> {
  const file = cacheFile(key);
  if (!(await exists(file))) return false;
  await must(dockerArgv(socket, ['load', '-i', file]));
  const now = new Date();
  await utimes(file, now, now);
  return true;
}

/**
 * Gives a fresh node images which take long to make: from the cache, or made once on that node and then kept.
 * Two runs which need the same images wait for each other instead of both making them.
 */
export async function seedImages(
  node: LabNode,
  refs: readonly string[],
  key: string,
  make: () => Promise<void>,
): Promise<'loaded' | 'made'> {
  if (await loadCachedImages(node.socket, key)) return 'loaded';
  return withLock(`seed-${contentKey(key)}`, async () => {
    if (await loadCachedImages(node.socket, key)) return 'loaded';
    await make();
    await cacheImages(node.socket, refs, key);
    return 'made';
  });
}

/** The archive of a set of images, for machines that are no lab nodes; undefined when the cache has none. */
export async function cachedImagesFile(key: string): Promise<string | undefined> {
  const file = cacheFile(key);
  return (await exists(file)) ? file : undefined;
}

/** Forgets the images kept under a key. */
export async function forgetImages(key: string): Promise<void> {
  await rm(cacheFile(key), { force: true });
}

/** A key's content changes with the recipe, so old files would pile up: a week without use is the end. */
async function dropUnused(): Promise<void> {
  const oldest = Date.now() - 7 * 24 * 3600 * 1000;
  for (const name of await readdir(imageCacheDirectory())) {
    const file = join(imageCacheDirectory(), name);
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Infinity }));
    if (mtimeMs < oldest) await rm(file, { force: true });
  }
}
