import { text } from 'node:stream/consumers';
import type { Engine } from '../engine/engine.ts';
import { fail } from '../errors/index.ts';

/** Has the program in a registry's container walk through its storage. Throws REGISTRY_REFUSED with its last words. */
export async function freeBlobs(engine: Engine, container: string, where: string): Promise<void> {
  const { id, attachment } = await engine.exec(container, { command: ['registry', 'collect'], tty: false });
  attachment.endInput();
  const [, said] = await Promise.all([text(attachment.stdout), text(attachment.stderr)]);
  const code = await engine.execResult(id);
  if (code === 0) return;
  const why = said.trim().split('\n').at(-1) || `it ended with exit code ${code}`;
  throw fail('REGISTRY_REFUSED', { where, action: 'free the space of deleted images', why });
}
