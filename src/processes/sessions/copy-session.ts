import { PassThrough, Readable } from 'node:stream';
import { fail, isMothershipError } from '#errors';
import type { FoundProcess } from '../processes.ts';
import type { RunSession } from './run-session.ts';

const nothing = (): Readable => Readable.from([]);

/** Returns a tar of a file or folder in the process as output that ends with code 0. Throws COPY_FAILED. */
export async function copyFrom({ engine, container, name }: FoundProcess, path: string): Promise<RunSession> {
  const archive = await engine
    .getArchive(container, path)
    .catch((error: unknown) => Promise.reject(copyFailure(error, path, name)));
  const stdout = new PassThrough();
  const exited = new Promise<number>((resolve, reject) => {
    stdout.once('end', () => resolve(0));
    archive.once('error', (error) => reject(copyFailure(error, path, name)));
    stdout.once('close', () => reject(fail('COPY_FAILED', { path, process: name, why: 'it was interrupted' })));
  });
  exited.catch(() => undefined);
  archive.pipe(stdout);
  const hangUp = async (): Promise<void> => void (archive.destroy(), stdout.destroy());
  return {
    tty: false,
    input: new PassThrough().resume(),
    stdout,
    stderr: nothing(),
    exited,
    resize: async () => undefined,
    hangUp,
  };
}

/** Unpacks a tar from the input into a folder of the process; ends with code 0 or COPY_FAILED. */
export function copyTo({ engine, container, name }: FoundProcess, path: string): RunSession {
  const input = new PassThrough();
  const exited = engine.putArchive(container, path, input).then(
    () => 0,
    (error: unknown) => Promise.reject(copyFailure(error, path, name)),
  );
  exited.catch(() => undefined);
  input.on('error', () => undefined);
  const hangUp = async (): Promise<void> => {
    if (!input.writableFinished) input.destroy(fail('COPY_FAILED', { path, process: name, why: 'it was interrupted' }));
  };
  return { tty: false, input, stdout: nothing(), stderr: nothing(), exited, resize: async () => undefined, hangUp };
}

function copyFailure(error: unknown, path: string, process: string): unknown {
  if (isMothershipError(error, 'COPY_FAILED') || isMothershipError(error, 'NODE_UNREACHABLE')) return error;
  const why = isMothershipError(error, 'ENGINE_FAILED')
    ? error.message.replace(/^.*?: /, '').replace(/\.$/, '')
    : (error as Error).message;
  return fail('COPY_FAILED', { path, process, why }, error);
}
