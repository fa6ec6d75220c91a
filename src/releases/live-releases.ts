import type { AppRecord, ReleaseRecord, Store } from '#store';

interface CachedRelease {
  readonly key: string;
  readonly release: ReleaseRecord;
}

/** Caches each app's live release: releases are immutable. */
export class LiveReleases {
  readonly #known = new Map<string, CachedRelease>();

  constructor(private readonly store: Store['releases']) {}

  /** For releases that were replaced under the same numbers. */
  forget(app: string): void {
    this.#known.delete(app);
  }

  async of(app: AppRecord): Promise<ReleaseRecord | undefined> {
    if (!app.live) return undefined;
    // An id may be reused after its app was destroyed; the creation time distinguishes the two.
    const key = `${app.createdAt} v${app.live.release}`;
    const known = this.#known.get(app.id);
    if (known?.key === key) return known.release;
    const found = await this.store.find(app.id, app.live.release);
    if (found) this.#known.set(app.id, { key, release: found.record });
    return found?.record;
  }
}
