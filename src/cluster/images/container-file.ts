import { extract } from 'tar-stream';
import type { Engine } from '../../engine/index.ts';

/** The bytes of one file in a container, running or not. */
export async function readContainerFile(engine: Engine, container: string, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const entry of (await engine.getArchive(container, path)).pipe(extract())) {
    for await (const chunk of entry) chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
