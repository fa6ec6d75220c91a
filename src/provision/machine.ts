import type { Readable } from 'node:stream';

export interface RunCommandOptions {
  /** A command that takes longer is killed and ends with code 124. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** What the command reads from its standard input; nothing when missing. */
  readonly input?: Buffer;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command whose output is read while it runs. */
export interface RunningCommand {
  readonly output: Readable;
  /** Resolves when the command has ended, whatever its exit code; `stdout` is empty. */
  readonly ended: Promise<CommandResult>;
}

/**
 * A computer that setup works on: this one, or a host over SSH. Commands are argument lists, never shell text.
 * A command that does not exist ends with code 127.
 */
export interface Machine {
  readonly name: string;
  /** The command with what makes it run as root, without asking for a password. */
  asRoot(argv: readonly string[]): readonly string[];
  run(argv: readonly string[], options?: RunCommandOptions): Promise<CommandResult>;
  stream(argv: readonly string[], options?: { signal?: AbortSignal }): RunningCommand;
  /** Undefined when there is no such file, or it may not be read. */
  readFile(path: string): Promise<string | undefined>;
  /**
   * Replaces the file as root, at once: readers see the old or the new content. Missing folders are made.
   * `mode` is like 0o644.
   */
  writeFile(path: string, content: Buffer, options: { mode: number }): Promise<void>;
  /** Names in a folder, sorted; empty when there is no such folder. */
  listFolder(path: string): Promise<string[]>;
  /** IPv4 addresses of its network interfaces, loopback and containers' bridges left out, the default route's first. */
  addresses(): Promise<string[]>;
  /** Whether something accepts TCP connections there. */
  accepts(address: string, port: number): Promise<boolean>;
  /** Whether a host name has an address. */
  resolves(name: string): Promise<boolean>;
}
