import ignore from 'ignore';

/** Whether a path of the source is excluded. */
export type LeaveOut = (path: string, isFolder: boolean) => boolean;

/** Parses `.slugignore` like `.gitignore`. */
export function slugIgnore(text: string): LeaveOut {
  const rules = ignore().add(text);
  return (path, isFolder) => rules.ignores(isFolder ? `${path}/` : path);
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
    return rules.reduce((out, rule) => (rule.matches(path) ? rule.out : out), false);
  };
}

function dockerRule(raw: string): { out: boolean; matches: (path: string) => boolean }[] {
  if (raw.startsWith('#')) return [];
  const line = raw.trim();
  const out = !line.startsWith('!');
  const segments = (out ? line : line.slice(1))
    .trim()
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.');
  if (segments.length === 0) return [];
  const pattern = new RegExp(
    `^${segments.map(segmentPattern).join('/').replaceAll('DEEP/', '(?:.*/)?').replaceAll('/DEEP', '(?:/.*)?').replaceAll('DEEP', '.*')}(?:/|$)`,
  );
  return [{ out, matches: (path) => pattern.test(path) }];
}

function segmentPattern(segment: string): string {
  if (segment === '**') return 'DEEP';
  return segment.replace(/\\.|\[[^\]/]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.startsWith('[') && part.length > 1) return part.replace(/^\[\^/, '[^').replace(/\\/g, '\\\\');
    return escaped(part.startsWith('\\') && part.length > 1 ? part.slice(1) : part);
  });
}

function escaped(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
