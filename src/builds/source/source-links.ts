import { folderOf, refused, shown } from './archive-entry.ts';

/** Where a link leads; undefined for links in a circle, which nothing can follow, and for absolute paths. */
type End = string | typeof OUTSIDE | undefined;
/** `hops`: how many links lie on the way, this one included. */
type Way = { readonly end: End; readonly hops: number };

const OUTSIDE = Symbol('outside');
/** Linux gives up after as many links (MAXSYMLINKS in include/linux/namei.h). */
const MAX_HOPS = 40;

/** A source's symbolic links. Each is followed once, so the work is linear in the length of their targets. */
export class SourceLinks {
  readonly #targets = new Map<string, string>();
  readonly #ways = new Map<string, Way>();

  add(path: string, target: string): void {
    this.#targets.set(path, target);
  }

  /**
   * Throws ARCHIVE_INVALID if a relative link leads outside the source. Dangling and circular links are allowed, and
   * those to absolute paths, which are in the app's container.
   */
  check(): void {
    for (const [path, target] of this.#targets)
      if (this.#follow(path, 1).end === OUTSIDE)
        throw refused(`the link "${shown(path)}" to "${shown(target)}" points outside the app's folder`);
  }

  #follow(path: string, depth: number): Way {
    const known = this.#ways.get(path);
    if (known) return this.#within(path, known.hops + depth - 1, known);
    // Until its end is known: a link that leads back to it is part of a circle.
    this.#ways.set(path, { end: undefined, hops: 1 });
    const way = this.#within(path, depth, this.#walk(path, depth));
    this.#ways.set(path, way);
    return way;
  }

  #walk(path: string, depth: number): Way {
    let [at, hops] = [folderOf(path), 1];
    const target = this.#targets.get(path) ?? '';
    if (target.startsWith('/')) return { end: undefined, hops };
    for (const name of target.split('/')) {
      if (name === '' || name === '.') continue;
      if (name === '..' && at === '') return { end: OUTSIDE, hops };
      at = name === '..' ? folderOf(at) : at === '' ? name : `${at}/${name}`;
      if (!this.#targets.has(at)) continue;
      const way = this.#follow(at, depth + 1);
      hops = Math.max(hops, way.hops + 1);
      if (typeof way.end !== 'string') return { end: way.end, hops };
      at = way.end;
    }
    return { end: at, hops };
  }

  #within(path: string, hops: number, way: Way): Way {
    if (hops > MAX_HOPS) throw refused(`the link "${shown(path)}" leads through more than ${MAX_HOPS} links`);
    return way;
  }
}
