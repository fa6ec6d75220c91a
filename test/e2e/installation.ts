import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '../lab/command.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const PARTS = ['bin', 'src', 'scripts', 'templates', 'buildpacks', 'package.json', 'tsconfig.json'];

/**
 * Mothership, built from this tree into a folder of its own: what the tests run does not change under them, and the
 * tree's own `dist` stays as it is.
 */
export async function install(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const part of PARTS) await cp(join(ROOT, part), join(folder, part), { recursive: true, force: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
  await must(['env', '-C', folder, process.execPath, tsx, 'scripts/build.ts']);
  return folder;
}
