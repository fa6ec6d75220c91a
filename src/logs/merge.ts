/** Several streams as one, in the order of arrival; more may be added while it is read. */
export interface Merged<T> extends AsyncIterable<T> {
  add(stream: AsyncIterable<T>): void;
}

/** Ends with the signal. A stream that fails or ends leaves the others going. */
export function merge<T>(signal: AbortSignal): Merged<T> {
  const queue: T[] = [];
  let wake = (): void => undefined;
  signal.addEventListener('abort', () => wake(), { once: true });
  const drain = async (stream: AsyncIterable<T>): Promise<void> => {
    try {
      for await (const item of stream) {
        queue.push(item);
        wake();
      }
    } catch {
      // Its task is gone; what came before was delivered.
    }
  };
  return {
    add: (stream) => void drain(stream),
    async *[Symbol.asyncIterator]() {
      while (!signal.aborted) {
        if (queue.length > 0) yield queue.shift()!;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
