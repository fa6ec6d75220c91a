import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const APPS = join(import.meta.dirname, '..', 'sample-apps');

export type AppFiles = Record<string, string>;

/** The files of a sample app by path, and others that go in or take the place of one; `undefined` takes one out. */
export async function appFiles(
  name: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<AppFiles> {
  const folder = join(APPS, name);
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const;
    }),
  );
  const all = { ...Object.fromEntries(files), ...changes };
  return Object.fromEntries(Object.entries(all).filter((file): file is [string, string] => file[1] !== undefined));
}
