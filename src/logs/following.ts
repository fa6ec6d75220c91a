import { keepUp, type Clock } from '#events';
import { isSilence, type AppLogLine, type LogSource } from './log-source.ts';
import { merge, type Merged } from './merge.ts';
import { Position } from './position.ts';

interface FollowingOptions {
  /** Seconds since the epoch. */
  readonly since: number;
  /** How far the logs were read, by source. */
  readonly positions: Map<string, Position>;
  /** Nodes already reported as unresponsive. */
  readonly silent: Set<string>;
  readonly clock: Clock;
  readonly sources: () => Promise<LogSource[]>;
  readonly notice: (node: string) => Promise<AppLogLine>;
}

/** How often to look for new tasks and returning nodes. */
const LOOK_EVERY_MS = 1000;

/** Yields the lines of all sources as they arrive, including new tasks and returning nodes. */
export class Following {
  readonly #known = new Set<string>();

  constructor(private readonly options: FollowingOptions) {}

  async *read(signal: AbortSignal): AsyncGenerator<AppLogLine> {
    const merged = merge<AppLogLine>(signal);
    await this.#look(merged, signal);
    void this.#keepLooking(merged, signal);
    yield* merged;
  }

  async #look(merged: Merged<AppLogLine>, signal: AbortSignal): Promise<void> {
    for (const source of await this.options.sources()) {
      if (this.#known.has(source.id)) continue;
      this.#known.add(source.id);
      merged.add(this.#follow(source, signal));
    }
  }

  async *#follow(source: LogSource, signal: AbortSignal): AsyncGenerator<AppLogLine> {
    const { silent, notice } = this.options;
    try {
      yield* this.#goOn(source, signal);
    } catch (error) {
      if (signal.aborted || !source.node || !isSilence(error)) return;
      this.#known.delete(source.id);
      if (silent.has(source.node)) return;
      silent.add(source.node);
      yield await notice(source.node);
    }
  }

  /** Starts after the last line read, or at the beginning. */
  async *#goOn(source: LogSource, signal: AbortSignal): AsyncGenerator<AppLogLine> {
    const { positions, silent } = this.options;
    const position = positions.get(source.id) ?? new Position();
    positions.set(source.id, position);
    const since = position.rewind() ?? this.options.since;
    for await (const line of source.read({ follow: true, since, signal })) {
      silent.delete(source.node ?? '');
      const shown = position.advance(line) ? source.show(line) : undefined;
      if (shown) yield shown;
    }
  }

  #keepLooking(merged: Merged<AppLogLine>, signal: AbortSignal): Promise<void> {
    const pace = { clock: this.options.clock, firstMs: LOOK_EVERY_MS, everyMs: LOOK_EVERY_MS };
    return keepUp({ ...pace, failed: () => undefined }, () => this.#look(merged, signal), signal);
  }
}
