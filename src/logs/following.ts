import type { Clock } from '../events/index.ts';
import { isSilence, type AppLogLine, type LogSource } from './log-source.ts';
import { merge, type Merged } from './merge.ts';

export interface FollowingOptions {
  /** Seconds since the epoch. */
  readonly since: number;
  readonly told: readonly AppLogLine[];
  /** Nodes of which it was told already that they are silent. */
  readonly silent: Set<string>;
  readonly clock: Clock;
  readonly sources: () => Promise<LogSource[]>;
  readonly notice: (node: string) => Promise<AppLogLine>;
}

/** How often it looks for tasks that were not there before, and for nodes that were away. */
const LOOK_EVERY_MS = 1000;
/** Lines of a source that are remembered, to tell none twice when its node comes back. */
const REMEMBERED = 1000;

/** The lines of all sources as they come. New tasks join while it runs, nodes that come back too. */
export class Following {
  readonly #options: FollowingOptions;
  readonly #told: Set<string>;
  readonly #known = new Set<string>();
  readonly #recent = new Map<string, AppLogLine[]>();

  constructor(options: FollowingOptions) {
    this.#options = options;
    this.#told = new Set(options.told.map(fingerprint));
  }

  async *read(signal: AbortSignal): AsyncGenerator<AppLogLine> {
    const merged = merge<AppLogLine>(signal);
    await this.#look(merged, signal);
    void this.#keepLooking(merged, signal);
    for await (const line of merged) if (!this.#told.has(fingerprint(line))) yield line;
  }

  async #look(merged: Merged<AppLogLine>, signal: AbortSignal): Promise<void> {
    for (const source of await this.#options.sources()) {
      if (this.#known.has(source.id)) continue;
      this.#known.add(source.id);
      merged.add(this.#follow(source, signal));
    }
  }

  async *#follow(source: LogSource, signal: AbortSignal): AsyncGenerator<AppLogLine> {
    const { silent, notice } = this.#options;
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

  /** From the beginning, or after the last line that was told before the node fell silent. */
  async *#goOn(source: LogSource, signal: AbortSignal): AsyncGenerator<AppLogLine> {
    const recent = this.#recent.get(source.id) ?? [];
    this.#recent.set(source.id, recent);
    const before = new Set(recent.map(fingerprint));
    const last = recent.at(-1);
    const since = last ? Math.floor(Date.parse(last.at) / 1000) : this.#options.since;
    for await (const line of source.read({ follow: true, since, signal })) {
      this.#options.silent.delete(source.node ?? '');
      if (before.delete(fingerprint(line))) continue;
      if (source.node && recent.push(line) > REMEMBERED) recent.shift();
      yield line;
    }
  }

  async #keepLooking(merged: Merged<AppLogLine>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#options.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
      if (!signal.aborted) await this.#look(merged, signal).catch(() => undefined);
    }
  }
}

function fingerprint(line: AppLogLine): string {
  return `${line.at} ${line.ps} ${line.line}`;
}
