import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/**
 * A channel as a stream like any other: ssh2's own forgets the reason it is destroyed with, never says that it is
 * closed when it closes itself, and never ends a write that comes late.
 */
export class ChannelStream extends Duplex {
  readonly #channel: ClientChannel;
  #received = false;

  /** `explain` makes the error of a command that ended without a byte of output. */
  constructor(channel: ClientChannel, explain?: (code: number, stderr: string) => Error) {
    super({ allowHalfOpen: true });
    this.#channel = channel;
    const words: Buffer[] = [];
    channel.stderr.on('data', (chunk: Buffer) => words.length < 16 && words.push(chunk));
    channel.on('data', (chunk: Buffer) => this.#receive(chunk));
    channel.on('end', () => this.#received && this.push(null));
    channel.on('error', (error: Error) => this.destroy(error));
    // The exit code is told again with `close`; `exit` may have come before anybody listened.
    channel.on('close', (code?: number | null) => {
      const refused = !this.#received && code !== undefined && code !== 0 && explain;
      this.#closed(refused ? refused(code ?? 1, Buffer.concat(words).toString().trim()) : undefined);
    });
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#channel.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel.close();
    done(error);
  }

  #receive(chunk: Buffer): void {
    this.#received = true;
    if (!this.push(chunk)) this.#channel.pause();
  }

  #closed(refusal: Error | undefined): void {
    if (refusal) return void this.destroy(refusal);
    // What was received is still to be read; then the stream closes by itself.
    if (!this.readableEnded) this.push(null);
    if (!this.writableEnded) this.end();
  }
}
