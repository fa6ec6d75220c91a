/** Matches one character; undefined stands for `*`. */
type Token = ((character: string) => boolean) | undefined;
/** A folder or file name; undefined stands for `**`. */
type Part = readonly Token[] | undefined;
export type Glob = readonly Part[];

/**
 * Parses a pattern of names and `/`: `**` is any number of folders, `*`, `?` and `[a-z]` match within a name, `\`
 * escapes. Patterns are users', so matching must not backtrack as regular expressions do.
 */
export function parseGlob(pattern: string): Glob {
  const names = pattern.split('/').filter((name) => name !== '' && name !== '.');
  return names.map((name) => (name === '**' ? undefined : tokensOf(name)));
}

/** Like `parseGlob`, with .gitignore's rule that a last `**` is everything inside a folder, but not the folder. */
export function parseGitGlob(pattern: string): Glob {
  const glob = parseGlob(pattern);
  return glob.length > 0 && glob.at(-1) === undefined ? [...glob, [undefined]] : glob;
}

/**
 * Whether the pattern matches each folder that leads to the path, outermost first, and last the path itself. Takes one
 * pass over the path for each name of the pattern.
 */
export function matchesGlob(glob: Glob, path: string): boolean[] {
  let before = afterFolders(glob, [true]);
  return path.split('/').map((name) => {
    const characters = [...name];
    const after: boolean[] = [];
    for (const [n, part] of glob.entries()) {
      if (!before[n]) continue;
      if (part === undefined) after[n] = true;
      else if (matchesName(part, characters)) after[n + 1] = true;
    }
    before = afterFolders(glob, after);
    return before[glob.length] ?? false;
  });
}

/** Adds the positions after each `**`, which may match no folder. */
function afterFolders(glob: Glob, reached: boolean[]): boolean[] {
  for (const [n, part] of glob.entries()) if (reached[n] && part === undefined) reached[n + 1] = true;
  return reached;
}

/** Returns to the last `*` only: what an earlier one matches can stay as short as it is. */
function matchesName(tokens: readonly Token[], name: readonly string[]): boolean {
  let [token, at] = [0, 0];
  let star: { readonly token: number; at: number } | undefined;
  while (at < name.length) {
    const matches = tokens[token];
    if (token < tokens.length && matches === undefined) star = { token: ++token, at };
    else if (matches?.(name[at]!)) [token, at] = [token + 1, at + 1];
    else if (star) [token, at] = [star.token, ++star.at];
    else return false;
  }
  return tokens.slice(token).every((rest) => rest === undefined);
}

function tokensOf(name: string): Token[] {
  const pieces = name.match(/\\.|\[[^\]]+\]|[\s\S]/gu) ?? [];
  return pieces.map((piece): Token => {
    if (piece === '*') return undefined;
    if (piece === '?') return () => true;
    if (piece.startsWith('[') && piece.length > 1) return classOf(piece.slice(1, -1));
    const literal = piece.startsWith('\\') && piece.length > 1 ? piece.slice(1) : piece;
    return (character) => character === literal;
  });
}

function classOf(text: string): (character: string) => boolean {
  const negated = /^[!^]./u.test(text);
  const ranges = (negated ? text.slice(1) : text).match(/.-.|./gsu) ?? [];
  return (character) =>
    ranges.some((range) => {
      const [from = '', , to = from] = [...range];
      return from <= character && character <= to;
    }) !== negated;
}
