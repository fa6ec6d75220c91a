import type { IncomingMessage } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import { fail, type MothershipError } from '#errors';
import type { Clock } from '#events';

/** How long a client may keep sending data that nobody reads, so that it can receive the response. */
const LINGER_MS = 2_000;

/** An upload fails if it brings fewer bytes in this time, although it is being read. */
const PROGRESS_MS = 60_000;
const PROGRESS_BYTES = 16 * 1024;

/**
 * A request body as a stream that is either complete or fails with UPLOAD_TOO_LARGE, with UPLOAD_STALLED, or with
 * UPLOAD_INCOMPLETE if the client disconnected.
 */
export class Upload {
  readonly stream: Readable;
  /** Why the stream failed, whatever its reader reported. */
  failure: MothershipError | undefined;
  readonly #guard: Transform;
  #received = 0;

  constructor(request: IncomingMessage, limitBytes: number, clock: Clock) {
    this.#guard = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#received += chunk.length;
        if (this.#received > limitBytes) done(this.#fail(tooLarge(limitBytes)));
        else done(null, chunk);
      },
    });
    this.stream = this.#guard;
    // Without a reader, a broken upload must not become an unhandled error.
    this.#guard.on('error', () => {});
    if (Number(request.headers['content-length']) > limitBytes) this.#break(tooLarge(limitBytes));
    else {
      this.#receive(request);
      void this.#watch(clock);
    }
  }

  #receive(request: IncomingMessage): void {
    request.on('error', () => this.#break(fail('UPLOAD_INCOMPLETE', { received: this.#received })));
    request.on('close', () => {
      if (!request.readableEnded) this.#break(fail('UPLOAD_INCOMPLETE', { received: this.#received }));
    });
    request.pipe(this.#guard);
  }

  async #watch(clock: Clock): Promise<void> {
    const over = new AbortController();
    this.#guard.once('close', () => over.abort());
    const isOver = (): boolean => over.signal.aborted || this.#guard.writableEnded;
    while (!isOver()) {
      const before = this.#received;
      const wasFull = this.#guard.writableNeedDrain;
      await clock.sleep(PROGRESS_MS, over.signal).catch(() => undefined);
      const isWaiting = !wasFull && !this.#guard.writableNeedDrain && !isOver();
      if (isWaiting && this.#received - before < PROGRESS_BYTES)
        this.#break(fail('UPLOAD_STALLED', { received: this.#received, seconds: PROGRESS_MS / 1000 }));
    }
  }

  #break(failure: MothershipError): void {
    if (!this.#guard.destroyed) this.#guard.destroy(this.#fail(failure));
  }

  #fail(failure: MothershipError): MothershipError {
    return (this.failure ??= failure);
  }
}

/** Discards the rest of a body after an early response, for a limited time. */
export function discardRest(request: IncomingMessage, clock: Clock): void {
  if (request.readableEnded || request.destroyed) return;
  endUnless(request, 'close', { within: LINGER_MS, clock });
  request.unpipe();
  request.resume();
}

/**
 * Closes the connection of a request unless the event, or at least the whole body, comes in time, in milliseconds. A
 * body that nobody reads, such as an empty one, has no `end` before the response.
 */
export function endUnless(
  request: IncomingMessage,
  event: 'end' | 'close',
  { within, clock }: { within: number; clock: Clock },
): void {
  const over = new AbortController();
  for (const each of new Set([event, 'close'])) request.once(each, () => over.abort());
  void clock.sleep(within, over.signal).then(
    () => void (request.complete || request.destroy()),
    () => undefined,
  );
}

function tooLarge(limitBytes: number): MothershipError {
  return fail('UPLOAD_TOO_LARGE', { limit: `${Math.floor(limitBytes / 1024 / 1024)} MiB` });
}
