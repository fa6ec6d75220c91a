import type { Containers } from './containers.ts';

const GRACE_SECONDS = 5;

/** Removes a stopping container, by force after five seconds. */
export async function endContainer(engine: Containers, id: string): Promise<void> {
  await engine.stopContainer(id, GRACE_SECONDS).catch(() => undefined);
  await engine.removeContainer(id);
}
