import { text } from 'node:stream/consumers';
import type { Execs } from '#engine/engine.ts';
import { runInContainer } from '#engine/containers/run-in-container.ts';
import { fail } from '#errors';

/** Runs garbage collection in a registry's container. Throws REGISTRY_REFUSED with its last line. */
export async function freeBlobs(engine: Execs, container: string, where: string): Promise<void> {
  const { exitCode, stderr } = await runInContainer(engine, container, {
    command: ['registry', 'collect'],
    read: text,
  });
  if (exitCode === 0) return;
  const why = stderr.trim().split('\n').at(-1) || `it ended with exit code ${exitCode}`;
  throw fail('REGISTRY_REFUSED', { where, action: 'free the space of deleted images', why });
}
