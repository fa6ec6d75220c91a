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
    let refusal: Error | undefined;
    channel.stderr.on('data', (chunk: Buffer) => words.length < 16 && words.push(chunk));
    channel.on('data', (chunk: Buffer) => this.#receive(chunk));
    channel.on('end', () => this.#received && this.push(null));
    channel.on('exit', (code: number | null) => {
      if (!this.#received && code !== 0 && explain) refusal = explain(code ?? 1, Buffer.concat(words).toString().trim());
    });
    channel.on('error', (error: Error) => this.destroy(error));
    channel.on('close', () => this.#closed(refusal));
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
