import { KIND, label } from '#labels.ts';
import type { Volumes } from '#engine';
import { GiB } from '#values/size.ts';

/** An app's build cache on a builder. */
export interface BuildCache {
  readonly app: string;
  readonly bytes: number;
  /** Milliseconds since the epoch; 0 for a destroyed app. */
  readonly usedAt: number;
}

const LEAST = 2 * GiB;
const MOST = 50 * GiB;

/** Limit for all caches of a builder: a fifth of its disk, within bounds. */
export function cacheLimit(diskBytes: number): number {
  return Math.min(Math.max(Math.floor(diskBytes / 5), LEAST), MOST);
}

/** An app's fair share of the limit. */
const share = (limitBytes: number): number => limitBytes / 4;

/**
 * Chooses the caches to evict: first of destroyed apps, then of apps above a quarter of the limit, then of the others;
 * least recently built first, never one that is building.
 */
export function planEviction(
  caches: readonly BuildCache[],
  limitBytes: number,
  building: (app: string) => boolean,
): BuildCache[] {
  let over = caches.reduce((sum, { bytes }) => sum + bytes, 0) - limitBytes;
  const rank = ({ usedAt, bytes }: BuildCache): number => (usedAt === 0 ? 0 : bytes > share(limitBytes) ? 1 : 2);
  const inTurn = caches
    .filter(({ app }) => !building(app))
    .sort((a, b) => rank(a) - rank(b) || a.usedAt - b.usedAt || b.bytes - a.bytes);
  return inTurn.filter(({ bytes }) => {
    const goes = over > 0 && bytes > 0;
    if (goes) over -= bytes;
    return goes;
  });
}

/** Caches on an engine; an app's build and test caches count together. */
export async function observeCaches(engine: Volumes, usedAt: (app: string) => Promise<number>): Promise<BuildCache[]> {
  const bytes = new Map<string, number>();
  for (const { labels, sizeBytes = 0 } of await engine.volumes({ [label.kind]: KIND.cache }, { sizes: true })) {
    // App ids contain no dots: a dot separates the use.
    const app = labels[label.app]?.split('.')[0] ?? '';
    if (app) bytes.set(app, (bytes.get(app) ?? 0) + sizeBytes);
  }
  return Promise.all([...bytes].map(async ([app, sum]) => ({ app, bytes: sum, usedAt: await usedAt(app) })));
}
