import type { Duplex, Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { fail, isMothershipError } from '#errors';
import { retryWhile, type Clock, type Host } from '#events';
import { shellQuote } from '#values/shell.ts';
import { ChannelStream } from './channel-stream.ts';
import { collected, RemoteCommand, timed, type CommandOptions, type SshResult } from './command.ts';
import type { SshIdentity } from './identity.ts';
import type { KnownHosts } from './known-hosts.ts';
import { targetText, type SshTarget } from './target.ts';
import { Transport, type OpenChannel } from './transport.ts';

const RETRY_MS = 1_000;

export interface SshOptions {
  readonly target: SshTarget;
  readonly identity: SshIdentity;
  readonly knownHosts: KnownHosts;
  readonly host: Host;
  readonly clock: Clock;
  /** A jump host; must allow TCP forwarding. */
  readonly bastion?: SshConnection | undefined;
  /** How long to retry the first connection: a fresh machine takes a while to boot and install its keys. */
  readonly patienceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A host over SSH. Connects on use, reconnects after failures, and opens more connections for concurrent commands,
 * since servers limit channels per connection.
 */
export class SshConnection {
  /** `user@host[:port]` */
  readonly where: string;
  readonly target: SshTarget;
  #transports: Transport[] = [];
  #opening: Promise<Transport> | undefined;
  #patienceMs: number;
  #closed = false;

  constructor(private readonly options: SshOptions) {
    this.target = options.target;
    this.where = targetText(options.target);
    this.#patienceMs = options.patienceMs ?? 0;
  }

  /**
   * Runs a command to its end, whatever its exit code. Throws SSH_UNREACHABLE, SSH_AUTH_FAILED, SSH_HOST_KEY_CHANGED or
   * SSH_BROKEN.
   */
  async exec(argv: readonly string[], options: CommandOptions = {}): Promise<SshResult> {
    const { output, ended } = this.stream(argv, options);
    const [stdout, result] = await Promise.all([collected(output), ended]);
    return { ...result, stdout };
  }

  /** A command whose output is streamed. */
  stream(
    argv: readonly string[],
    options: CommandOptions = {},
  ): { output: Readable; ended: Promise<Omit<SshResult, 'stdout'>> } {
    const command = new RemoteCommand(options);
    const ended = this.#exec(timed(argv, options))
      .then((channel) => command.run(channel, () => fail('SSH_BROKEN', { target: this.where, command: argv[0] ?? '' })))
      .finally(() => command.output.end());
    return { output: command.output, ended };
  }

  /**
   * Returns a command's input and output as one stream. A command that fails without output fails the stream with
   * `refused`.
   */
  async duplex(argv: readonly string[], refused: (code: number, stderr: string) => Error): Promise<Duplex> {
    return new ChannelStream(await this.#exec(argv), refused);
  }

  /** Opens a TCP connection from the host. */
  async forward(host: string, port: number): Promise<Duplex> {
    return new ChannelStream(
      await this.#channel((client, opened) => client.forwardOut('127.0.0.1', 0, host, port, opened)),
    );
  }

  /** Ends running commands. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => undefined);
    await Promise.all(this.#transports.map((transport) => transport.close()));
    this.#transports = [];
  }

  #exec(argv: readonly string[]): Promise<ClientChannel> {
    const text = argv.map(shellQuote).join(' ');
    return this.#channel((client, opened) => void client.exec(text, opened));
  }

  async #channel(open: OpenChannel): Promise<ClientChannel> {
    for (;;) {
      const transport = this.#transports.find((each) => each.hasRoom) ?? (await this.#another());
      if (!transport.hasRoom) continue;
      const channel = await transport.channel(open).catch((error: Error) => {
        throw isMothershipError(error)
          ? error
          : fail('SSH_UNREACHABLE', { target: this.where, why: error.message }, error);
      });
      if (channel) return channel;
    }
  }

  #another(): Promise<Transport> {
    if (this.#closed) throw fail('SSH_UNREACHABLE', { target: this.where, why: 'this connection was closed' });
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #open(): Promise<Transport> {
    const { target, bastion, clock } = this.options;
    const socket = bastion ? { socket: () => bastion.forward(target.host, target.port) } : {};
    const pace = { every: RETRY_MS, within: this.#patienceMs, signal: this.options.signal };
    const transport = await retryWhile(clock, pace, mayPass, () => Transport.open({ ...this.options, ...socket }));
    this.#patienceMs = 0;
    this.#transports = [...this.#transports.filter((each) => !each.closed), transport];
    return transport;
  }
}

/** A machine that is starting refuses connections first, and its user's keys next. */
function mayPass(error: unknown): boolean {
  return isMothershipError(error, 'SSH_UNREACHABLE') || isMothershipError(error, 'SSH_AUTH_FAILED');
}
