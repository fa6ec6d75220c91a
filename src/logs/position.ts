import type { LogLine } from '#engine';

interface Reached {
  readonly at: string;
  /** Lines with this time. */
  readonly count: number;
  /** How many of them a second reading has yet to skip. */
  readonly again: number;
}

/** How far a container's log was read. Each of its two streams is ordered by time; several lines can share a time. */
export class Position {
  readonly #streams = new Map<LogLine['stream'], Reached>();

  /** Returns where to read again from, in whole seconds since the epoch; undefined before the first line. */
  rewind(): number | undefined {
    for (const [stream, reached] of this.#streams) this.#streams.set(stream, { ...reached, again: reached.count });
    const times = [...this.#streams.values()].map(({ at }) => Math.floor(Date.parse(at) / 1000));
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Whether the line is new; moves past it. */
  advance({ stream, at }: LogLine): boolean {
    const reached = this.#streams.get(stream) ?? { at: '', count: 0, again: 0 };
    if (at < reached.at) return false;
    const isSame = at === reached.at;
    if (isSame && reached.again > 0) {
      this.#streams.set(stream, { ...reached, again: reached.again - 1 });
      return false;
    }
    this.#streams.set(stream, { at, count: isSame ? reached.count + 1 : 1, again: 0 });
    return true;
  }
}
