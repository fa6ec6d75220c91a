import type { Engine } from './engine.ts';
import type { ExecOptions } from './types.ts';

/**
 * Runs a program in a container until it ends; answers its exit code. What it says is not heard; `input` comes by its stdin, which
 * nobody can look up.
 */
export async function runInContainer(engine: Engine, container: string, options: Omit<ExecOptions, 'tty'>, input = ''): Promise<number | undefined> {
  const { id, attachment } = await engine.exec(container, { ...options, tty: false });
  const ended = Promise.all([attachment.stdout, attachment.stderr].map((stream) => new Promise((resolve) => stream.resume().once('close', resolve).once('end', resolve))));
  attachment.stdin.write(input);
  attachment.endInput();
  await ended;
  return engine.execResult(id);
}
