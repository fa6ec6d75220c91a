import { constants } from 'node:os';
import { PassThrough, type Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';

export interface SshResult {
  /** 128 plus the signal's number if a signal ended the command. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
  /** A command that takes longer is killed with exit code 124, like `timeout`. */
  readonly timeoutMs?: number | undefined;
}

const TIMED_OUT = 124;
/** The host kills a command that takes too long; wait this much longer for it. */
const GRACE_MS = 3_000;
const CANCELLED = 128 + constants.signals.SIGTERM;

/** Wraps the command so that the host kills it after its timeout. */
export function timed(argv: readonly string[], { timeoutMs }: CommandOptions): readonly string[] {
  return timeoutMs ? ['timeout', '--kill-after=1', String(timeoutMs / 1000), ...argv] : argv;
}

/** One command on a channel, from its input to its exit code. */
export class RemoteCommand {
  readonly output = new PassThrough();
  readonly #givenUp: Promise<void>;
  #release: () => void = () => undefined;
  #channel: ClientChannel | undefined;
  #code: number | undefined;
  /** Exit code after giving up on it. */
  #given: number | undefined;

  constructor(private readonly options: CommandOptions = {}) {
    this.#givenUp = new Promise((resolve) => (this.#release = resolve));
  }

  /** Resolves when it has ended; `broken` creates the error if the connection breaks. */
  async run(channel: ClientChannel, broken: () => Error): Promise<Omit<SshResult, 'stdout'>> {
    const { input, signal, timeoutMs } = this.options;
    const stderr: Buffer[] = [];
    const cancel = (): void => this.#giveUp(CANCELLED);
    const timer = timeoutMs ? setTimeout(() => this.#giveUp(TIMED_OUT), timeoutMs + GRACE_MS) : undefined;
    this.#channel = channel;
    channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    channel.on('error', () => undefined);
    channel.pipe(this.output);
    channel.end(input);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    // `close` repeats it: `exit` may have been emitted with the channel, before anyone listened.
    const closed = new Promise<void>((resolve) =>
      channel.once('close', (code?: number | null, name?: string) => {
        if (code !== undefined) this.#code = code ?? signalCode(name);
        resolve();
      }),
    );
    await Promise.race([closed, this.#givenUp]);
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    this.output.end();
    const code = this.#given ?? this.#code;
    if (code === undefined) throw broken();
    return { code, stderr: Buffer.concat(stderr).toString() };
  }

  /** sshd neither forwards signals to root's commands nor closes before they end, so do not wait. */
  #giveUp(code: number): void {
    this.#given ??= code;
    this.#channel?.signal('TERM');
    this.#channel?.close();
    this.#release();
  }
}

/** Returns the whole output. */
export async function collected(output: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of output) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function signalCode(name = 'SIGKILL'): number {
  const signals: Readonly<Record<string, number>> = constants.signals;
  return 128 + (signals[name.startsWith('SIG') ? name : `SIG${name}`] ?? 0);
}
