import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';

interface Rules {
  readonly below: string;
  readonly rules: Ignore;
}

/**
 * Decides which files a deploy excludes, like git and Heroku's slug compiler: `.gitignore` files at every level (the
 * nearest match wins), `.git/info/exclude`, and `.slugignore` in the app's folder. Paths are relative to the root, with
 * slashes.
 */
export class IgnoreRules {
  private constructor(
    private readonly git: readonly Rules[],
    private readonly slug: Rules | undefined,
  ) {}

  /** `app`: the app's folder; '' is the root. */
  static async atRoot(root: string, app = ''): Promise<IgnoreRules> {
    const [exclude, slug] = await Promise.all([
      readRules(join(root, '.git/info/exclude')),
      readRules(join(root, app, '.slugignore')),
    ]);
    return new IgnoreRules(exclude ? [{ below: '', rules: exclude }] : [], slug && { below: app, rules: slug });
  }

  /** Only a `.slugignore`, for source already selected by git. */
  static ofSlug(text: string, app = ''): IgnoreRules {
    return new IgnoreRules([], { below: app, rules: parse(text) });
  }

  /** Returns the rules for `folder` ('' is the root), including its own `.gitignore`. */
  async enter(root: string, folder: string): Promise<IgnoreRules> {
    const rules = await readRules(join(root, folder, '.gitignore'));
    return rules ? new IgnoreRules([...this.git, { below: folder, rules }], this.slug) : this;
  }

  ignores(path: string, isFolder: boolean): boolean {
    const name = isFolder ? `${path}/` : path;
    if (this.slug && isBelow(name, this.slug.below) && this.slug.rules.ignores(within(name, this.slug.below)))
      return true;
    for (const { below, rules } of this.git.toReversed()) {
      const { ignored, unignored } = rules.test(within(name, below));
      if (ignored || unignored) return ignored;
    }
    return false;
  }
}

function isBelow(name: string, folder: string): boolean {
  return folder === '' || (name.startsWith(`${folder}/`) && name.length > folder.length + 1);
}

function within(name: string, folder: string): string {
  return folder === '' ? name : name.slice(folder.length + 1);
}

/** Git distinguishes upper and lower case unless `core.ignoreCase` is set. */
const parse = (text: string): Ignore => ignore({ ignorecase: false }).add(text);

async function readRules(file: string): Promise<Ignore | undefined> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
