import { fail } from '#errors';
import { matchesGlob, parseGitGlob, parseGlob, type Glob } from '#values/glob.ts';

/** Whether a path of the source is excluded. */
export type LeaveOut = (path: string, isFolder: boolean) => boolean;

interface Rule {
  readonly out: boolean;
  readonly glob: Glob;
  readonly onlyFolders: boolean;
}

/** Each path of the source is matched with each pattern. */
const MAX_PATTERNS = 1000;
const MAX_PATTERN = 500;

/**
 * Parses `.slugignore` like `.gitignore`: https://git-scm.com/docs/gitignore#_pattern_format. Throws
 * IGNORE_FILE_INVALID.
 */
export function slugIgnore(text: string): LeaveOut {
  const rules = rulesOf('.slugignore', text, gitRule);
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

function rulesOf(file: string, text: string, ruleOf: (line: string) => Rule[]): Rule[] {
  const rules: Rule[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.length > MAX_PATTERN)
      throw fail('IGNORE_FILE_INVALID', { file, why: `line ${index + 1} is longer than ${MAX_PATTERN} characters` });
    rules.push(...ruleOf(line));
    if (rules.length > MAX_PATTERNS)
      throw fail('IGNORE_FILE_INVALID', { file, why: `it has more than ${MAX_PATTERNS} patterns` });
  }
  return rules;
}

function gitRule(raw: string): Rule[] {
  const line = raw.replace(/\r$/, '').replace(/(?<!\\| ) +$/, '');
  if (line === '' || line.startsWith('#')) return [];
  const out = !line.startsWith('!');
  const pattern = out ? line : line.slice(1);
  if (parseGlob(pattern).length === 0) return [];
  const onlyFolders = pattern.endsWith('/');
  const anchored = pattern.slice(0, -1).includes('/');
  return [{ out, glob: parseGitGlob((anchored ? '' : '**/') + pattern), onlyFolders }];
}

/**
 * Parses `.dockerignore`, or a Dockerfile's own ignore file, like Docker's client: patterns are relative to the root,
 * the last match wins, `!` re-includes, even from an excluded folder. Throws IGNORE_FILE_INVALID.
 */
export function dockerIgnore(text: string, file = '.dockerignore'): LeaveOut {
  const rules = rulesOf(file, text, dockerRule);
  const takesBack = rules.some(({ out }) => !out);
  return (path, isFolder) => {
    // Files in an excluded folder may be re-included; an empty folder does no harm.
    if (isFolder && takesBack) return false;
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
