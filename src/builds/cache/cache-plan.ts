import type { Engine } from '../../engine/index.ts';
import { KIND, label } from '../labels.ts';

/** What an app keeps on a builder for its next build. */
export interface BuildCache {
  readonly app: string;
  readonly bytes: number;
  /** Milliseconds since the epoch; 0 for an app that is gone. */
  readonly usedAt: number;
}

const GiB = 1024 ** 3;
const LEAST = 2 * GiB;
const MOST = 50 * GiB;

/** What all caches of a builder may take together: a fifth of its disk, within reason. */
export function cacheLimit(diskBytes: number): number {
  return Math.min(Math.max(Math.floor(diskBytes / 5), LEAST), MOST);
}

/** What one app may take before it makes room for others. */
const share = (limitBytes: number): number => limitBytes / 4;

/**
 * Apps whose caches go, so that the others fit: of apps that are gone, then of those that take more than a quarter of the
 * limit alone, then of the others; who has not built for longest first, never one that is building.
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

/** Caches on an engine; those of an app and of its tests count as one. */
export async function observeCaches(engine: Engine, usedAt: (app: string) => Promise<number>): Promise<BuildCache[]> {
  const bytes = new Map<string, number>();
  for (const { labels, sizeBytes = 0 } of await engine.volumes({ [label.kind]: KIND.cache }, { sizes: true })) {
    // No app's id has a dot: what follows one names a use.
    const app = labels[label.app]?.split('.')[0] ?? '';
    if (app) bytes.set(app, (bytes.get(app) ?? 0) + sizeBytes);
  }
  return Promise.all([...bytes].map(async ([app, sum]) => ({ app, bytes: sum, usedAt: await usedAt(app) })));
}
