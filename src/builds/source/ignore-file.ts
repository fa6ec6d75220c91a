import { matchesGlob, parseGlob, type Glob } from './glob.ts';

/** Whether a path of the source is excluded. */
export type LeaveOut = (path: string, isFolder: boolean) => boolean;

interface Rule {
  readonly out: boolean;
  readonly glob: Glob;
  readonly onlyFolders: boolean;
}

/** Parses `.slugignore` like `.gitignore`: https://git-scm.com/docs/gitignore#_pattern_format */
export function slugIgnore(text: string): LeaveOut {
  const rules = text.split('\n').flatMap(gitRule);
  return (path, isFolder) => {
    const matches = rules.map(({ glob }) => matchesGlob(glob, path));
    const depth = path.split('/').length;
    const isOut = (at: number): boolean =>
      rules.findLast(({ onlyFolders }, n) => matches[n]![at] && (!onlyFolders || isFolder || at < depth - 1))?.out ??
      false;
    // Nothing can be re-included from an excluded folder.
    return Array.from({ length: depth }, (_, at) => isOut(at)).includes(true);
  };
}

function gitRule(raw: string): Rule[] {
  const line = raw.replace(/\r$/, '').replace(/(?<!\\| ) +$/, '');
  if (line === '' || line.startsWith('#')) return [];
  const out = !line.startsWith('!');
  const pattern = out ? line : line.slice(1);
  if (parseGlob(pattern).length === 0) return [];
  const onlyFolders = pattern.endsWith('/');
  const anchored = pattern.slice(0, -1).includes('/');
  // At its end, `**` stands for everything inside, not for the folder itself.
  const glob = parseGlob((anchored ? '' : '**/') + pattern + (/(^|\/)\*\*\/?$/.test(pattern) ? '/*' : ''));
  return [{ out, glob, onlyFolders }];
}

/**
 * Parses `.dockerignore` like Docker's client: patterns are relative to the root, the last match wins, `!` re-includes,
 * even from an excluded folder. The Dockerfile and `.dockerignore` are always included.
 */
export function dockerIgnore(text: string, dockerfile: string): LeaveOut {
  const rules = text.split('\n').flatMap(dockerRule);
  const takesBack = rules.some(({ out }) => !out);
  return (path, isFolder) => {
    if (path === dockerfile || path === '.dockerignore') return false;
    // Files in an excluded folder may be re-included; an empty folder does no harm.
    if (isFolder && takesBack) return false;
    if (isFolder && dockerfile.startsWith(`${path}/`)) return false;
    return rules.findLast(({ glob }) => matchesGlob(glob, path).includes(true))?.out ?? false;
  };
}

function dockerRule(raw: string): Rule[] {
  if (raw.startsWith('#')) return [];
  const line = raw.trim();
  const out = !line.startsWith('!');
  const glob = parseGlob((out ? line : line.slice(1)).trim());
  return glob.length === 0 ? [] : [{ out, glob, onlyFolders: false }];
}
