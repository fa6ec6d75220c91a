import { fail } from '#errors';
import type { Io } from '../program/io.ts';

interface ProgramResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; a missing program has no exit code. All external programs of the CLI start here. */
export async function runProgram(
  argv: readonly [string, ...string[]],
  io: Pick<Io, 'env'>,
  options: { cwd?: string } = {},
): Promise<ProgramResult> {
  const { execa } = await import('execa');
  const [program, ...args] = argv;
  const result = await execa(program, args, {
    ...options,
    env: io.env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** Runs a program on the terminal until it ends. */
export async function runOnTerminal(argv: readonly [string, ...string[]], io: Pick<Io, 'env'>): Promise<ProgramResult> {
  const { execa } = await import('execa');
  const [program, ...args] = argv;
  const result = await execa(program, args, { env: io.env, extendEnv: false, reject: false, stdio: 'inherit' });
  return { exitCode: result.exitCode, stdout: '', stderr: '' };
}

/** Starts a program whose stdout is streamed. */
export async function startProgram(
  argv: readonly [string, ...string[]],
  io: Pick<Io, 'env'>,
  options: { cwd: string },
): Promise<{ stdout: NodeJS.ReadableStream; ended: Promise<ProgramResult> }> {
  const { execa } = await import('execa');
  const [program, ...args] = argv;
  const child = execa(program, args, {
    ...options,
    env: io.env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    encoding: 'buffer',
    buffer: { stdout: false },
  });
  const ended = child.then((result) => ({
    exitCode: result.exitCode,
    stdout: '',
    stderr: Buffer.from(result.stderr ?? []).toString('utf8'),
  }));
  return { stdout: child.stdout, ended };
}

const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['explorer.exe'],
};

/** Throws BROWSER_FAILED. */
export async function openInBrowser(url: string, io: Pick<Io, 'env'>): Promise<void> {
  const opener = io.env['BROWSER']
    ? ([io.env['BROWSER']] as const)
    : (OPENERS[process.platform] ?? (['xdg-open'] as const));
  const { exitCode } = await runProgram([...opener, url], io);
  if (exitCode !== 0) throw fail('BROWSER_FAILED', { url });
}
