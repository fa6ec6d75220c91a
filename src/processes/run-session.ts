import type { Readable, Writable } from 'node:stream';

/** A one-off process with a terminal or pipes at the other end. */
export interface RunSession {
  readonly tty: boolean;
  readonly input: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  resize(size: { columns: number; rows: number }): Promise<void>;
  /** The program's exit code, once it ended. */
  readonly exited: Promise<number>;
  /** The other side went away: end the program as a closed terminal would. */
  hangUp(): Promise<void>;
}
