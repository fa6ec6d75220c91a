import { constants } from 'node:os';
import { PassThrough, type Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';

export interface SshResult {
  /** 128 and the signal's number for a command that a signal ended. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
  /** A command that takes longer is killed, with exit code 124 as `timeout` has it. */
  readonly timeoutMs?: number | undefined;
}

const TIMED_OUT = 124;
/** The host ends a command that takes too long; this is how much longer it is waited for. */
const GRACE_MS = 3_000;
const CANCELLED = 128 + constants.signals.SIGTERM;

/** The command with what ends it there when its time is over. */
export function timed(argv: readonly string[], { timeoutMs }: CommandOptions): readonly string[] {
  return timeoutMs ? ['timeout', '--kill-after=1', String(timeoutMs / 1000), ...argv] : argv;
}

/** One command on a channel, from its input to its exit code. */
export class RemoteCommand {
  readonly output = new PassThrough();
  readonly #options: CommandOptions;
  readonly #givenUp: Promise<void>;
  #release: () => void = () => undefined;
  #channel: ClientChannel | undefined;
  #code: number | undefined;
  /** Set by whoever gives up on it. */
  #given: number | undefined;

  constructor(options: CommandOptions = {}) {
    this.#options = options;
    this.#givenUp = new Promise((resolve) => (this.#release = resolve));
  }

  /** Resolves when it has ended; `broken` makes the error of a connection that broke meanwhile. */
  async run(channel: ClientChannel, broken: () => Error): Promise<Omit<SshResult, 'stdout'>> {
    const { input, signal, timeoutMs } = this.#options;
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
    // Told again with `close`: `exit` may have come together with the channel itself, before anybody listened.
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

  /** sshd passes no signal on to root's commands, nor says goodbye before they end: so nobody waits for it. */
  #giveUp(code: number): void {
    this.#given ??= code;
    this.#channel?.signal('TERM');
    this.#channel?.close();
    this.#release();
  }
}

/** All that comes, once it has come. */
export async function collected(output: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of output) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function signalCode(name = 'SIGKILL'): number {
  const signals: Readonly<Record<string, number>> = constants.signals;
  return 128 + (signals[name.startsWith('SIG') ? name : `SIG${name}`] ?? 0);
}
