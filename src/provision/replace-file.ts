import { randomBytes } from 'node:crypto';
import { fail } from '#errors';
import type { Machine } from './machine.ts';

/**
 * Writes a temporary file and renames it; a file that is itself a mount (a container's /etc/hosts) is written in place.
 */
export async function replaceFile(
  machine: Machine,
  path: string,
  content: Buffer,
  { mode }: { mode: number },
): Promise<void> {
  const fresh = `${path}.${randomBytes(4).toString('hex')}.new`;
  const asRoot = (argv: readonly string[], input?: Buffer) => machine.run(machine.asRoot(argv), input ? { input } : {});
  const made = await asRoot(['install', '-D', '-m', mode.toString(8).padStart(4, '0'), '--', '/dev/null', fresh]);
  const written =
    made.code === 0
      ? await asRoot(['dd', `of=${fresh}`, 'bs=64K', 'conv=notrunc,fsync', 'status=none'], content)
      : made;
  if (written.code !== 0) throw refused(machine, path, written.stderr);
  if ((await asRoot(['mv', '-fT', '--', fresh, path])).code === 0) return;
  const copied = await asRoot(['cp', '-T', '--', fresh, path]);
  await asRoot(['rm', '-f', '--', fresh]);
  if (copied.code !== 0) throw refused(machine, path, copied.stderr);
}

function refused(machine: Machine, path: string, stderr: string): Error {
  return fail('MACHINE_FILE_FAILED', { machine: machine.name, path, why: stderr.trim() || 'the command failed' });
}
