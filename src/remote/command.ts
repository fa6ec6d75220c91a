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
const CANCELLED = 128 + constants.signals.SIGTERM;

/** One command on a channel, from its input to its exit code. */
export class RemoteCommand {
  readonly output = new PassThrough();
  readonly #options: CommandOptions;
  #channel: ClientChannel | undefined;
  #code: number | undefined;
  /** Set by whoever gives up on it. */
  #given: number | undefined;

  constructor(options: CommandOptions = {}) {
    this.#options = options;
  }

  /** Resolves when it has ended; `broken` makes the error of a connection that broke meanwhile. */
  async run(channel: ClientChannel, broken: () => Error): Promise<Omit<SshResult, 'stdout'>> {
    const { input, signal, timeoutMs } = this.#options;
    const stderr: Buffer[] = [];
    const cancel = (): void => this.#giveUp(CANCELLED);
    const timer = timeoutMs ? setTimeout(() => this.#giveUp(TIMED_OUT), timeoutMs) : undefined;
    this.#channel = channel;
    channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    channel.on('error', () => undefined);
    channel.pipe(this.output);
    channel.end(input);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    // Told again with `close`: `exit` may have come together with the channel itself, before anybody listened.
    await new Promise<void>((resolve) => channel.once('close', (code?: number | null, name?: string) => {
      if (code !== undefined) this.#code = code ?? signalCode(name);
      resolve();
    }));
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    this.output.end();
    const code = this.#given ?? this.#code;
    if (code === undefined) throw broken();
    return { code, stderr: Buffer.concat(stderr).toString() };
  }

  #giveUp(code: number): void {
    this.#given ??= code;

    this.#channel?.signal('TERM');
    this.#channel?.close();
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
