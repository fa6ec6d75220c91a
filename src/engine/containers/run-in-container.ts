import type { Readable } from 'node:stream';
import type { ExecOptions, Execs } from './execs.ts';

interface Ran<T> {
  readonly exitCode: number | undefined;
  readonly stdout: T;
  readonly stderr: T;
}

interface RunOptions<T> extends Omit<ExecOptions, 'tty'> {
  /** Passed on stdin, which is not visible to others. */
  readonly input?: string;
  /** Reads one of its outputs. Output of untrusted code can be endless: see `unheard`. */
  readonly read: (stream: Readable) => Promise<T>;
}

/** Runs a program in a container until it ends. */
export async function runInContainer<T>(
  engine: Execs,
  container: string,
  { input = '', read, ...options }: RunOptions<T>,
): Promise<Ran<T>> {
  const { id, attachment } = await engine.exec(container, { ...options, tty: false });
  const outputs = Promise.all([read(attachment.stdout), read(attachment.stderr)]);
  if (input !== '') attachment.stdin.write(input);
  attachment.endInput();
  const [stdout, stderr] = await outputs;
  return { exitCode: await engine.execResult(id), stdout, stderr };
}

/** Discards an output. */
export function unheard(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.resume().once('close', resolve).once('end', resolve));
}
