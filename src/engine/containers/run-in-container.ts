import type { Readable } from 'node:stream';
import type { Engine } from '../engine.ts';
import type { ExecOptions } from '../types.ts';

export interface Ran<T> {
  readonly exitCode: number | undefined;
  readonly stdout: T;
  readonly stderr: T;
}

interface RunOptions<T> extends Omit<ExecOptions, 'tty'> {
  /** Comes by stdin, which nobody can look up. */
  readonly input?: string;
  /** Of each of its outputs. Where somebody else's code runs, what it says may be without end: see `unheard`. */
  readonly read: (stream: Readable) => Promise<T>;
}

/** Runs a program in a container until it ends. */
export async function runInContainer<T>(
  engine: Engine,
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

/** Lets an output go. */
export function unheard(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.resume().once('close', resolve).once('end', resolve));
}
