import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import type { ErrorBody } from '#errors';
import type { Clock } from '#events';
import { heartbeat } from './heartbeat.ts';

const HEARTBEAT_MS = 15_000;
/** An error within this time gets its own status instead of a line in the stream. */
const PATIENCE_MS = 100;

interface LineStreamOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly toErrorBody: (error: unknown) => ErrorBody;
}

/**
 * Streams the values of `source` as newline-delimited JSON. Empty lines are heartbeats; the first one flushes the
 * headers. A later error is a last line `{"type":"failed","error":{...}}`, without the `n` that events have.
 */
export async function streamLines(source: AsyncIterable<unknown>, options: LineStreamOptions): Promise<Readable> {
  const iterator = source[Symbol.asyncIterator]();
  const first = iterator.next();
  const patience = new AbortController();
  await Promise.race([first, options.clock.sleep(PATIENCE_MS, patience.signal).catch(() => undefined)]).finally(() =>
    patience.abort(),
  );
  const out = new PassThrough();
  out.write('\n');
  void pump(first, iterator, out, options);
  return out;
}

async function pump(
  first: Promise<IteratorResult<unknown>>,
  iterator: AsyncIterator<unknown>,
  out: PassThrough,
  options: LineStreamOptions,
): Promise<void> {
  const ended = new AbortController();
  const stop = (): void => void out.end();
  options.signal.addEventListener('abort', stop);
  void heartbeat(options.clock, HEARTBEAT_MS, ended.signal, () => out.write('\n'));
  try {
    for (let item = await first; !item.done && !options.signal.aborted; item = await iterator.next()) {
      if (!out.write(`${JSON.stringify(item.value)}\n`)) await once(out, 'drain', { signal: options.signal });
    }
  } catch (error) {
    if (!options.signal.aborted)
      out.write(`${JSON.stringify({ type: 'failed', error: options.toErrorBody(error) })}\n`);
  } finally {
    ended.abort();
    options.signal.removeEventListener('abort', stop);
    out.end();
    void iterator.return?.();
  }
}
