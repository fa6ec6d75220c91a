import type { Operation, OperationEvent } from '#api';
import { fail, fromBody, isMothershipError, type ErrorBody } from '#errors';
import type { Event } from '#events';
import type { ApiClient } from '../api/client.ts';
import { isInteractive, type Io } from '../program/io.ts';
import type { Progress } from '../output/progress.ts';
import { ask } from '../output/prompts.ts';

export interface FollowOptions {
  /** `routed`: until the new release serves; old processes may still be draining. */
  readonly until?: 'routed' | 'ended';
}

const GO_ON = 'Detach and leave it running';
const CANCEL = 'Cancel it';
const WATCH = 'Keep watching';

/**
 * Shows a running operation until it ends and returns its result. Ctrl-C prompts what to do, or cancels without a
 * terminal; a closed terminal or SIGTERM leaves the operation running. Throws the operation's error, CANCELLED or
 * STILL_RUNNING.
 */
export class OperationFollower {
  readonly #letGo = new AbortController();
  #question: Promise<void> | undefined;
  #cancelling = false;

  constructor(
    private readonly api: ApiClient,
    private readonly io: Io,
    private readonly progress: Progress,
  ) {}

  async follow(operation: Operation, options: FollowOptions = {}): Promise<Record<string, unknown>> {
    const release = [
      this.io.onSignal('SIGINT', () => this.#interrupted(operation)),
      this.io.onSignal('SIGTERM', () => this.#letGo.abort()),
      this.io.onSignal('SIGHUP', () => this.#letGo.abort()),
    ];
    try {
      return await this.#watch(operation, options);
    } catch (error) {
      if (this.#letGo.signal.aborted)
        throw fail(
          'STILL_RUNNING',
          {
            what: `The ${operation.kind} of ${operation.subject.name} (${operation.id})`,
            kind: operation.kind,
            subject: operation.subject,
          },
          error,
        );
      throw error;
    } finally {
      for (const restore of release) restore();
    }
  }

  async #watch(operation: Operation, { until = 'ended' }: FollowOptions): Promise<Record<string, unknown>> {
    for await (const event of this.#events(operation)) {
      await this.#question;
      if (this.#letGo.signal.aborted) break;
      if (event.type === 'failed') throw fromBody(event.error as ErrorBody, 422);
      if (event.type === 'done') return this.#finished(event.result);
      this.progress.notify(event as Event);
      if (until === 'routed' && event.type === 'phase' && event.phase === 'routed' && event.state === 'done') return {};
    }
    this.#letGo.signal.throwIfAborted();
    return this.#finished({});
  }

  /** Yields all events, across broken connections and replaced controllers. */
  async *#events(operation: Operation): AsyncGenerator<OperationEvent> {
    let next = 0;
    const resume = (): { params: { operation: string }; query: { from: number }; signal: AbortSignal } => ({
      params: { operation: operation.id },
      query: { from: next },
      signal: this.#letGo.signal,
    });
    for (;;) {
      const what = `the ${operation.kind} of ${operation.subject.name}`;
      for await (const event of this.api.follow('operationsEvents', { what, resume, patient: true })) {
        next = event.n + 1;
        yield event;
        if (event.type === 'done' || event.type === 'failed') return;
      }
      // A stopping controller ends its streams normally while the operation continues elsewhere.
      const { state, error, result } = await this.api.call('operationsInfo', { params: { operation: operation.id } });
      const at = { n: next, at: '' };
      if (state === 'succeeded') return void (yield { ...at, type: 'done', result: result ?? {} });
      if (state !== 'running')
        return void (yield { ...at, type: 'failed', error: error ?? fail('CANCELLED', { what }).toJSON() });
      await this.io.clock.sleep(500, this.#letGo.signal);
    }
  }

  #finished(result: Record<string, unknown>): Record<string, unknown> {
    if (this.#cancelling)
      this.progress.notify({ type: 'notice', level: 'warning', message: 'It was too late to cancel.' });
    return result;
  }

  #interrupted(operation: Operation): void {
    if (this.#cancelling || this.#question) return this.#letGo.abort();
    if (!isInteractive(this.io)) return void this.#cancel(operation);
    this.progress.pause();
    this.#question = this.#ask(operation).finally(() => {
      this.#question = undefined;
    });
  }

  async #ask(operation: Operation): Promise<void> {
    try {
      const message = `The ${operation.kind} of ${operation.subject.name} is still running.`;
      const choice = await ask(this.io, {
        kind: 'choice',
        message,
        flag: '--detach',
        options: [GO_ON, CANCEL, WATCH],
      });
      if (choice === GO_ON) this.#letGo.abort();
      if (choice === CANCEL) await this.#cancel(operation);
    } catch {
      this.#letGo.abort();
    }
  }

  async #cancel(operation: Operation): Promise<void> {
    this.#cancelling = true;
    this.progress.line(' ›   Cancelling; press Ctrl-C again to stop watching.');
    try {
      await this.api.call('operationsCancel', { params: { operation: operation.id } });
    } catch (error) {
      // The stream reports how the operation ends; only the cluster's own error is worth a line here.
      const why = isMothershipError(error) ? error.message : 'the cluster did not respond.';
      this.progress.notify({ type: 'notice', level: 'warning', message: `Not cancelled: ${why}` });
    }
  }
}
