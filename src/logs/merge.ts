import { once } from 'node:events';
import { PassThrough } from 'node:stream';

/** Several streams merged in order of arrival; more can be added while reading. */
export interface Merged<T> extends AsyncIterable<T> {
  add(stream: AsyncIterable<T>): void;
}

/** Items that may wait for the reader; beyond that, the streams wait too, so nothing is dropped. */
const HELD = 500;

/**
 * Ends with the signal. A stream that fails or ends does not affect the others. A slow reader slows the streams down.
 */
export function merge<T extends object>(signal: AbortSignal): Merged<T> {
  const merged = new PassThrough({ objectMode: true, writableHighWaterMark: 1, readableHighWaterMark: HELD });
  // Each stream that waits for the reader listens.
  merged.setMaxListeners(0);
  signal.addEventListener('abort', () => merged.destroy(), { once: true });
  const drain = async (stream: AsyncIterable<T>): Promise<void> => {
    try {
      for await (const item of stream) if (!merged.write(item)) await once(merged, 'drain', { signal });
    } catch {
      // Its task is gone or the reader is; earlier items were passed on.
    }
  };
  return {
    add: (stream) => void drain(stream),
    async *[Symbol.asyncIterator]() {
      try {
        for await (const item of merged) yield item as T;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}
