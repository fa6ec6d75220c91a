import type { IncomingMessage } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import { fail, type MothershipError } from '#errors';
import type { Clock } from '#events';

/** How long a client may keep sending data that nobody reads, so that it can receive the response. */
const LINGER_MS = 2_000;

/**
 * A request body as a stream that is either complete or fails with UPLOAD_TOO_LARGE, or with UPLOAD_INCOMPLETE if the
 * client disconnected.
 */
export class Upload {
  readonly stream: Readable;
  /** Why the stream failed, whatever its reader reported. */
  failure: MothershipError | undefined;
  readonly #guard: Transform;
  #received = 0;

  constructor(request: IncomingMessage, limitBytes: number) {
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
    else this.#receive(request);
  }

  #receive(request: IncomingMessage): void {
    request.on('error', () => this.#break(fail('UPLOAD_INCOMPLETE', { received: this.#received })));
    request.on('close', () => {
      if (!request.readableEnded) this.#break(fail('UPLOAD_INCOMPLETE', { received: this.#received }));
    });
    request.pipe(this.#guard);
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
  const closed = new AbortController();
  request.once('close', () => closed.abort());
  void clock.sleep(LINGER_MS, closed.signal).then(
    () => request.destroy(),
    () => undefined,
  );
  request.unpipe();
  request.resume();
}

function tooLarge(limitBytes: number): MothershipError {
  return fail('UPLOAD_TOO_LARGE', { limit: `${Math.floor(limitBytes / 1024 / 1024)} MiB` });
}
