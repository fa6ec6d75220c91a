import { execa } from 'execa';

/** What a finished command left: never thrown away, because tests assert on all three. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  stdin?: string | Buffer;
  env?: Record<string, string>;
  timeoutMs?: number;
}

/** The host engine's socket: always given explicitly, since a test may have set DOCKER_HOST to a node's. */
export const HOST_SOCKET = '/var/run/docker.sock';

/** Runs argv without a shell and resolves whatever its exit code is. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [file, ...args] = argv;
  if (file === undefined) throw new Error('run() needs a command');
  const result = await execa(file, args, {
    reject: false,
    stripFinalNewline: false,
    ...(options.stdin === undefined ? { stdin: 'ignore' as const } : { input: options.stdin }),
    ...(options.env ? { env: options.env } : {}),
    ...(options.timeoutMs ? { timeout: options.timeoutMs } : {}),
  });
  const failure = result.exitCode === undefined ? `${result.shortMessage ?? 'did not run'}\n` : '';
  return { code: result.exitCode ?? 127, stdout: result.stdout, stderr: result.stderr + failure };
}

/** Runs argv and throws with the command's own words when it fails; returns its trimmed output. */
export async function must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await run(argv, options);
  if (result.code !== 0) {
    const words = (result.stderr.trim() || result.stdout.trim()).slice(-2000);
    throw new Error(`${argv.join(' ')}: exit ${result.code}\n${words}`);
  }
  return result.stdout.trim();
}

/** argv of the Docker client for the engine behind a socket. */
export function dockerArgv(socket: string, argv: readonly string[]): string[] {
  return ['docker', '-H', `unix://${socket}`, ...argv];
}

/** The host engine's client; throws when it fails. */
export async function hostDocker(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  return must(dockerArgv(HOST_SOCKET, argv), options);
}

/** Puts sudo in front when the tests do not run as root: apt and dockerd need it. */
export function asRoot(argv: readonly string[]): string[] {
  return process.getuid?.() === 0 ? [...argv] : ['sudo', '-n', ...argv];
}

/** Polls until the probe says true; the probe's time does not count as a pause. */
export async function waitUntil(what: string, timeoutMs: number, probe: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await probe())) {
    if (Date.now() > deadline) throw new Error(`timed out after ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
