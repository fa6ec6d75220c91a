import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { fail, fromBody, type ErrorBody } from '#errors';
import type { Clock } from '#events';
import type { SourceReader } from './source-reader.ts';

/** What the thread is started with. */
export type Job = {
  [N in keyof SourceReader]: { name: N; request: Parameters<SourceReader[N]>[0] };
}[keyof SourceReader];

/** What the thread says in the end. */
export type Verdict = { readonly result: unknown } | { readonly error: ErrorBody; readonly status: number };

/** Computing, without waiting for the upload. */
const LIMIT_MS = 60_000;
const LOOK_MS = 1000;
const MEMORY_MB = 256;
/** A thread lives for a moment: room for garbage would only be taken from the controller's memory. */
const YOUNG_MB = 8;

/**
 * Reads what users send in a thread for each request, with limits for time and memory: however much work it is, the
 * event loop stays free. Throws ARCHIVE_TOO_LARGE beyond the limits.
 */
export function sourceThreads({ limitMs = LIMIT_MS, ...options }: ThreadOptions): SourceReader {
  const run = <T>(job: Job, data = Readable.from([])): Promise<T> => inThread(job, data, { ...options, limitMs });
  return {
    offer: (request, manifest) => run({ name: 'offer', request }, manifest),
    receive: (request, archive) => run({ name: 'receive', request }, archive),
    select: (request) => run({ name: 'select', request }),
  };
}

interface ThreadOptions {
  readonly clock: Clock;
  /** `source-worker.ts`, built. */
  readonly script: URL;
  readonly limitMs?: number;
}

async function inThread<T>(job: Job, data: Readable, options: Required<ThreadOptions>): Promise<T> {
  const worker = new Worker(options.script, {
    workerData: job,
    stdin: true,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const over = new AbortController();
  try {
    const verdict = await new Promise<Verdict>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error) => reject(outOfMemory(error)));
      void exceeds(worker, options, over.signal).then((late) => late && reject(late));
      // The reader of a part need not read the rest.
      pipeline(data, worker.stdin!, { signal: over.signal }).catch((error: unknown) => reject(error as Error));
    });
    if ('error' in verdict) throw fromBody(verdict.error, verdict.status);
    return verdict.result as T;
  } finally {
    over.abort();
    data.destroy();
    await worker.terminate();
  }
}

/** Resolves with an error once the thread has computed too long, or with nothing when the signal aborts. */
async function exceeds(
  worker: Worker,
  { clock, limitMs }: Required<ThreadOptions>,
  signal: AbortSignal,
): Promise<Error | undefined> {
  while (!signal.aborted) {
    await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    if (!signal.aborted && worker.performance.eventLoopUtilization().active > limitMs)
      return fail('ARCHIVE_TOO_LARGE', { what: `reading it takes more than ${limitMs / 1000} s` });
  }
  return undefined;
}

function outOfMemory(error: Error & { code?: string }): Error {
  if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return fail('ARCHIVE_TOO_LARGE', { what: `reading it takes more than ${MEMORY_MB} MB of memory` }, error);
}
