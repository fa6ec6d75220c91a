import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/**
 * Wraps an ssh2 channel as a standard stream: ssh2's own loses its destroy reason, does not emit close for its own
 * closing, and never finishes late writes.
 */
export class ChannelStream extends Duplex {
  readonly #channel: ClientChannel;
  #received = false;

  /** `explain` creates the error of a command that ended without output. */
  constructor(channel: ClientChannel, explain?: (code: number, stderr: string) => Error) {
    super({ allowHalfOpen: true });
    this.#channel = channel;
    const words: Buffer[] = [];
    channel.stderr.on('data', (chunk: Buffer) => words.length < 16 && words.push(chunk));
    channel.on('data', (chunk: Buffer) => this.#receive(chunk));
    channel.on('end', () => this.#received && this.push(null));
    channel.on('error', (error: Error) => this.destroy(error));
    // `close` repeats the exit code; `exit` may have been emitted before anyone listened.
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
    // Received data must still be read; then the stream closes by itself.
    if (!this.readableEnded) this.push(null);
    if (!this.writableEnded) this.end();
  }
}
