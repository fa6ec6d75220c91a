import { fail } from '#errors';
import { matchesGlob, parseGitGlob } from '#values/glob.ts';

/** The location of an app in its repository. Paths are relative to the top of the repository, with slashes. */
interface SourceRoot {
  /** The app's folder; '' is the top. */
  readonly root: string;
  /** Globs in .gitignore syntax, relative to the top, of what else belongs to the app. */
  readonly watch: readonly string[];
}

/** Decides what a deploy of an app with a root sends and compares. */
export interface SourceScope extends SourceRoot {
  takes(path: string): boolean;
  /** Whether something inside the folder may belong to the app. */
  leadsTo(folder: string): boolean;
}

const MOST_WATCH_PATHS = 30;
const LONGEST = 200;

/** Returns undefined for an app without a root. Throws SOURCE_PATH_INVALID. */
export function parseSourceRoot(root: string, watch: readonly string[]): SourceRoot | undefined {
  const folder = plainPath(root, 'the root of an app');
  const globs = watch.map((glob) => plainPath(glob, 'a watch path'));
  const whole = globs.indexOf('');
  if (whole >= 0) throw invalid(watch[whole]!, 'a watch path', 'it is the whole repository');
  if (globs.length > MOST_WATCH_PATHS)
    throw invalid(watch[MOST_WATCH_PATHS]!, 'a watch path', `an app can have at most ${MOST_WATCH_PATHS}`);
  return folder === '' && globs.length === 0 ? undefined : { root: folder, watch: [...new Set(globs)] };
}

export function sourceScope({ root, watch }: SourceRoot): SourceScope {
  const globs = watch.map(parseGitGlob);
  const beginnings = [...(root ? [root] : []), ...watch.map(fixedPart)];
  return {
    root,
    watch,
    takes: (path) => isWithin(path, root) || globs.some((glob) => matchesGlob(glob, path).includes(true)),
    leadsTo: (folder) =>
      beginnings.some((beginning) => beginning === '' || isWithin(folder, beginning) || isWithin(beginning, folder)),
  };
}

/** The scope of an app without a root. */
export const everything: SourceScope = { root: '', watch: [], takes: () => true, leadsTo: () => true };

/** Whether `path` is the folder or inside it. Nothing is inside the top, ''. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The folders of a glob before its first pattern. */
function fixedPart(glob: string): string {
  const segments = glob.split('/');
  const pattern = segments.findIndex((segment) => /[*?[\]\\]/.test(segment));
  return (pattern < 0 ? segments : segments.slice(0, pattern)).join('/');
}

function plainPath(path: string, what: 'the root of an app' | 'a watch path'): string {
  if (path.startsWith('/')) throw invalid(path, what, 'it is an absolute path');
  if (path.length > LONGEST) throw invalid(path, what, `it is longer than ${LONGEST} characters`);
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (path.startsWith('!')) throw invalid(path, what, 'it starts with "!", which is not supported here');
  if (path === '' || /[\u0000-\u001f\u007f]/.test(path))
    throw invalid(path, what, path === '' ? 'it is empty' : 'it contains control characters');
  if (segments.includes('..')) throw invalid(path, what, 'it points outside the repository');
  if (segments[0] === '.git') throw invalid(path, what, '.git is never uploaded');
  return segments.join('/');
}

function invalid(path: string, what: 'the root of an app' | 'a watch path', why: string): Error {
  return fail('SOURCE_PATH_INVALID', { path: JSON.stringify(path.slice(0, LONGEST)).slice(1, -1), what, why });
}
