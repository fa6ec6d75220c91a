import type { EngineEvent, LabelFilter, Labels, LogLine, LogOptions } from '../../src/engine/index.ts';

/** What all objects of the fake share: ids, one growing version, the time and who listens to events. */
export class FakeRaft {
  readonly #clock: { now(): number };
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #version = 10;
  #ids = 0;

  constructor(clock: { now(): number }) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  timestamp(ms = this.now()): string {
    return new Date(ms).toISOString();
  }

  nextVersion(): number {
    return ++this.#version;
  }

  /** As long as a Swarm's ids; unlike them it tells its kind and grows. */
  swarmId(kind: string): string {
    return `${kind}${String(++this.#ids).padStart(25 - kind.length, '0')}`;
  }

  hexId(): string {
    return (++this.#ids).toString(16).padStart(64, '0');
  }

  emit(type: EngineEvent['type'], action: string, object: { id: string }): void {
    for (const listener of this.#listeners) listener({ type, action, id: object.id });
  }

  listen(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The engine's `label` filter. */
export function carries(labels: Labels, filter: LabelFilter): boolean {
  return Object.entries(filter).every(([key, value]) => key in labels && (value === '' || labels[key] === value));
}

/** A line of values which readers wait for until it is closed or they lose patience. */
export class FakeStream<T> {
  readonly #values: T[] = [];
  #closed = false;
  #changed: PromiseWithResolver = resolver();

  get values(): readonly T[] {
    return this.#values;
  }

  push(...values: T[]): void {
    this.#values.push(...values);
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async *read(options: { from?: number; follow?: boolean; signal?: AbortSignal | undefined } = {}): AsyncGenerator<T> {
    const { from = 0, follow = true, signal } = options;
    const aborted = resolver();
    signal?.addEventListener('abort', aborted.resolve, { once: true });
    for (let next = from; !signal?.aborted;) {
      if (next < this.#values.length) yield this.#values[next++] as T;
      else if (this.#closed || !follow) return;
      else await Promise.race([this.#changed.promise, aborted.promise]);
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = resolver();
  }
}

interface PromiseWithResolver {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function resolver(): PromiseWithResolver {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** Without lines that are older than the options say. */
export async function* since(lines: AsyncIterable<LogLine>, options: LogOptions): AsyncGenerator<LogLine> {
  for await (const line of lines) if (Date.parse(line.at) >= (options.since ?? 0) * 1000) yield line;
}
