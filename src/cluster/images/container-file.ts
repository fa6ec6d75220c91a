import { contentOf, readTar } from '#archive';
import type { Containers } from '#engine';

/** Reads one file from a container, running or not. */
export async function readContainerFile(engine: Containers, container: string, path: string): Promise<Buffer> {
  const files: Buffer[] = [];
  for await (const entry of readTar(await engine.getArchive(container, path))) files.push(await contentOf(entry));
  return Buffer.concat(files);
}
