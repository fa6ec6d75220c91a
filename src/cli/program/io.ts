import type { Readable, Writable } from 'node:stream';
import type { Clock } from '#events';

export type InputStream = Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
export type OutputStream = Writable & { isTTY?: boolean; columns?: number; rows?: number };
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGWINCH';

/** Everything a command may access of its process, so that tests can run commands concurrently in one process. */
export interface Io {
  readonly stdin: InputStream;
  /** Data only. */
  readonly stdout: OutputStream;
  /** Progress and errors. */
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws FOLDER_GONE if the current folder was removed. */
  readonly cwd: string;
  readonly clock: Clock;
  /** The user's home folder. */
  readonly home: string;
  /** Calls `listener` instead of the signal's default action until the returned function is called. */
  onSignal(signal: Signal, listener: () => void): () => void;
}

/** Whether the user can be prompted. */
export function isInteractive(io: Io): boolean {
  return Boolean(io.stdin.isTTY && io.stderr.isTTY) && !io.env['CI'];
}

/** Whether a stream supports colors and cursor movement. */
export function isTerminal(stream: OutputStream, io: Io): boolean {
  return Boolean(stream.isTTY) && !io.env['CI'] && io.env['TERM'] !== 'dumb';
}

/** Whether output to `stream` is colored: https://no-color.org. */
export function hasColor(stream: OutputStream, io: Io): boolean {
  if (io.env['NO_COLOR']) return false;
  return isTerminal(stream, io);
}
