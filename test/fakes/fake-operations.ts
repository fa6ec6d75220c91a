import type { Operation } from '../../src/api/index.ts';
import { fail, isMothershipError, type ErrorBody, type MothershipError } from '../../src/errors/index.ts';
import type { Clock, Event, NumberedEvent } from '../../src/events/index.ts';

/** Lets readers of growing lists sleep until something was added or their signal aborts. */
export class Bell {
  readonly #waiting = new Set<() => void>();

  ring(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#waiting.add(wake);
    });
  }
}

interface Kept {
  operation: Operation;
  readonly events: NumberedEvent[];
  readonly bell: Bell;
  readonly finish: (error?: MothershipError) => void;
}

/** Operations that end at once, or, while `hold` is true, when a test says so. */
export class FakeOperations {
  hold = false;
  /** What the next operation fails with. */
  failNext: MothershipError | undefined;
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `effect` runs when the operation succeeds and gives its result. */
  start(
    input: {
      kind: Operation['kind'];
      app: string;
      by: string;
      events?: Event[];
      onEnd?: (state: Operation['state'], error?: ErrorBody) => void;
    },
    effect: () => Record<string, unknown>,
  ): Operation {
    const id = `op-${this.#kept.size + 1}`;
    const startedAt = this.#now();
    const operation: Operation = {
      id,
      kind: input.kind,
      app: input.app,
      by: input.by,
      state: 'running',
      startedAt,
      finishedAt: null,
      error: null,
      result: null,
    };
    const kept: Kept = {
      operation,
      events: [],
      bell: new Bell(),
      finish: (error) => {
        if (kept.operation.state !== 'running') return;
        const result = error ? null : effect();
        const state = error ? (isMothershipError(error, 'CANCELLED') ? 'cancelled' : 'failed') : 'succeeded';
        input.onEnd?.(state, error?.toJSON());
        kept.operation = { ...kept.operation, state, finishedAt: this.#now(), error: error?.toJSON() ?? null, result };
        this.emit(id, error ? { type: 'failed', error: error.toJSON() } : { type: 'done', result: result ?? {} });
      },
    };
    this.#kept.set(id, kept);
    for (const event of input.events ?? []) this.emit(id, event);
    const error = this.failNext;
    this.failNext = undefined;
    if (!this.hold) kept.finish(error);
    return kept.operation;
  }

  /** Adds an event to an operation that is held. */
  emit(id: string, event: Event): void {
    const kept = this.#get(id);
    kept.events.push({ ...event, n: kept.events.length, at: this.#now() });
    kept.bell.ring();
  }

  /** Ends an operation that is held. */
  finish(id: string, error?: MothershipError): void {
    this.#get(id).finish(error);
  }

  running(app: string): Operation | undefined {
    return [...this.#kept.values()]
      .map((kept) => kept.operation)
      .find((operation) => operation.app === app && operation.state === 'running');
  }

  async info(id: string): Promise<Operation> {
    return this.#get(id).operation;
  }

  async *events(id: string, from: number, signal: AbortSignal): AsyncGenerator<NumberedEvent> {
    const kept = this.#get(id);
    for (let n = from; ; n++) {
      while (n >= kept.events.length) {
        if (kept.operation.state !== 'running' || signal.aborted) return;
        await kept.bell.wait(signal);
      }
      yield kept.events[n]!;
    }
  }

  async cancel(id: string): Promise<Operation> {
    this.#get(id).finish(fail('CANCELLED', { what: `Operation ${id}` }));
    return this.#get(id).operation;
  }

  #get(id: string): Kept {
    const kept = this.#kept.get(id);
    if (!kept) throw fail('OPERATION_NOT_FOUND', { id });
    return kept;
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
