import type { WebSocket } from 'ws';
import { FRAME_BYTES, readRunControl, readRunFrame, RunChannel, runFrame } from '#api/run-frames.ts';
import { fail, fromBody } from '#errors';
import type { Io } from '../program/io.ts';

/** Bytes of input that may wait for the network before stdin is paused. */
const INPUT_WAITING = 256 * 1024;

/** Connects this terminal, or pipes, to a one-off process. */
export class OneOff {
  #waiting = 0;

  constructor(
    private readonly socket: WebSocket,
    private readonly io: Io,
    private readonly tty: boolean,
  ) {}

  /** Resolves with the program's exit code. Throws the cluster's error or RUN_FAILED. */
  async follow(): Promise<number> {
    const restore = this.#connectInput();
    try {
      return await this.#ended();
    } finally {
      for (const undo of restore) undo();
      this.socket.terminate();
    }
  }

  #ended(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) return this.#output(data);
        const control = readRunControl(data.toString('utf8'));
        if (control?.type === 'exit') this.#flushed().then(() => resolve(control.code), reject);
        if (control?.type === 'error') reject(fromBody(control.error, 502));
      });
      this.socket.on('error', (error) => reject(fail('RUN_FAILED', { why: error.message }, error)));
      this.socket.on('close', () =>
        this.#flushed().then(() => reject(fail('RUN_FAILED', { why: 'connection lost' })), reject),
      );
      this.socket.resume();
    });
  }

  #output(message: Buffer): void {
    const frame = readRunFrame(message);
    if (!frame) return;
    const stream = frame.channel === RunChannel.stderr ? this.io.stderr : this.io.stdout;
    if (stream.write(frame.bytes)) return;
    this.socket.pause();
    stream.once('drain', () => this.socket.resume());
  }

  async #flushed(): Promise<void> {
    await Promise.all(
      [this.io.stdout, this.io.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
    );
  }

  #connectInput(): (() => void)[] {
    const { stdin } = this.io;
    const send = (chunk: Buffer): void => this.#send(chunk);
    const end = (): void => this.#control({ type: 'end' });
    stdin.on('data', send);
    stdin.once('end', end);
    if (stdin.readableEnded) end();
    const undo = [() => stdin.off('data', send).off('end', end).pause()];
    return this.tty ? [...undo, this.#rawMode(), this.#resizing()] : undo;
  }

  #rawMode(): () => void {
    this.io.stdin.setRawMode?.(true);
    return () => this.io.stdin.setRawMode?.(false);
  }

  #resizing(): () => void {
    return this.io.onSignal('SIGWINCH', () => {
      const { columns, rows } = this.io.stdout;
      if (columns && rows) this.#control({ type: 'resize', columns, rows });
    });
  }

  #send(chunk: Buffer): void {
    this.#waiting += chunk.length;
    if (this.#waiting > INPUT_WAITING) this.io.stdin.pause();
    for (let from = 0; from < chunk.length; from += FRAME_BYTES) this.#frame(chunk.subarray(from, from + FRAME_BYTES));
  }

  #frame(bytes: Buffer): void {
    this.socket.send(runFrame(RunChannel.stdin, bytes), () => {
      this.#waiting -= bytes.length;
      if (this.#waiting <= INPUT_WAITING && this.io.stdin.isPaused()) this.io.stdin.resume();
    });
  }

  #control(control: object): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(control));
  }
}
