import type { Readable, Writable } from 'node:stream';

/** A one-off process connected to a terminal or pipes. */
export interface RunSession {
  readonly tty: boolean;
  readonly input: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  resize(size: { columns: number; rows: number }): Promise<void>;
  /** The program's exit code, once it has ended. */
  readonly exited: Promise<number>;
  /** The client disconnected: ends the program like a closed terminal. */
  hangUp(): Promise<void>;
}
