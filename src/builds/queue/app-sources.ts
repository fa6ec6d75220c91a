import { fail } from '#errors';
import type { AppRecord } from '#store';

const MOST_OF_AN_APP = 5;

/** Counts each app's sources that are uploading, queued or being built: each has a thread or a place on the disk. */
export class AppSources {
  readonly #of = new Map<string, number>();

  /** Call the returned function once, when the source is gone. Throws BUILDS_TOO_MANY. */
  enter({ id, name }: Pick<AppRecord, 'id' | 'name'>): () => void {
    if (this.of({ id }) >= MOST_OF_AN_APP) throw fail('BUILDS_TOO_MANY', { app: name, limit: MOST_OF_AN_APP });
    this.#of.set(id, this.of({ id }) + 1);
    return () => {
      const left = this.of({ id }) - 1;
      if (left > 0) this.#of.set(id, left);
      else this.#of.delete(id);
    };
  }

  of({ id }: Pick<AppRecord, 'id'>): number {
    return this.#of.get(id) ?? 0;
  }
}
