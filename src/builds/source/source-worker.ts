import { stdin } from 'node:process';
import type { Readable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { isMothershipError } from '#errors';
import { sourceReader } from './source-reader.ts';
import type { Job, Verdict } from './source-thread.ts';

/** The thread of `sourceThreads`: one request, with its upload on stdin. */
const { name, request } = workerData as Job;
const read = sourceReader[name] as (request: unknown, data: Readable) => Promise<unknown>;

const verdict = await read(request, stdin).then(
  (result): Verdict => ({ result }),
  (error: unknown): Verdict => {
    // Anything else is a fault of the platform or the disk, and reaches the controller as it is.
    if (!isMothershipError(error)) throw error;
    return { error: error.toJSON(), status: error.status };
  },
);
parentPort?.postMessage(verdict);
