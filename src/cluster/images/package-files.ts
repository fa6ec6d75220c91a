import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fail } from '#errors';
import type { ContextFile } from './image-recipe.ts';

/** Files of this installation: templates, buildpacks, the bundled controller. */
export interface PackageFiles {
  /** Returns all files under a folder, with paths relative to it. */
  folder(path: string): Promise<ContextFile[]>;
  /** Returns one file as `as` in a context. Throws SETUP_NOT_BUILT. */
  file(path: string, as: string): Promise<ContextFile>;
}

export class InstalledFiles implements PackageFiles {
  /** The folder with package.json. */
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Returns the installation that contains `path`: the nearest parent folder with templates. */
  static async around(path: string): Promise<InstalledFiles> {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      if (
        await stat(join(folder, 'templates')).then(
          () => true,
          () => false,
        )
      )
        return new InstalledFiles(folder);
      if (folder === dirname(folder)) throw fail('SETUP_NOT_BUILT', { file: 'templates' });
    }
  }

  async folder(path: string): Promise<ContextFile[]> {
    const top = join(this.root, path);
    const entries = await readdir(top, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
      throw fail('SETUP_NOT_BUILT', { file: path }, cause);
    });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return Promise.all(files.map((file) => read(file, relative(top, file).split(sep).join('/'))));
  }

  async file(path: string, as: string): Promise<ContextFile> {
    return read(join(this.root, path), as).catch((cause: unknown) => {
      throw fail('SETUP_NOT_BUILT', { file: path }, cause);
    });
  }
}

/** Only the executable bit is kept, since checkouts differ in the others. */
async function read(file: string, as: string): Promise<ContextFile> {
  const [{ mode }, content] = await Promise.all([stat(file), readFile(file)]);
  return { path: as, mode: mode & 0o100 ? 0o755 : 0o644, content };
}
