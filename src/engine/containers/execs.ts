import type { Duplex, Readable } from 'node:stream';

/**
 * A container's terminal or pipes. Without a terminal, `stdout` and `stderr` are separate, and both must be read: an
 * unread one blocks the other, and eventually the program. They end without an error with the program or the
 * connection.
 */
export interface Attachment {
  readonly stdin: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Half-closes stdin: the program sees end of file. */
  endInput(): void;
  close(): void;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly tty: boolean;
  /** Defaults to the container's user. */
  readonly user?: string;
  /** Added to the container's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Programs started in running containers. */
export interface Execs {
  /** Starts a program in a running container; the attachment has its output and ends with it. */
  exec(id: string, options: ExecOptions): Promise<{ id: string; attachment: Attachment }>;
  /** Returns its exit code; undefined while it runs. */
  execResult(execId: string): Promise<number | undefined>;
  resizeExec(execId: string, size: { columns: number; rows: number }): Promise<void>;
}
