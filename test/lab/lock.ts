import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { labRoot } from './lab-paths.js';
import { waitUntil } from './command.js';

/** True when a process of that id exists (even one of another user). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function tryTake(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const owner = Number(await readFile(file, 'utf8').catch(() => ''));
  if (owner > 0 && !isAlive(owner)) await rm(file, { force: true });
  return false;
}

/**
 * Lets one process at a time do a piece of work. Several test runs may start on one machine at once, and
 * they must not all build the same image.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  await mkdir(labRoot(), { recursive: true });
  const file = join(labRoot(), `${name}.lock`);
  await waitUntil(`lock ${name}`, 600_000, () => tryTake(file));
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}
