import type { Readable } from 'node:stream';

export interface RunCommandOptions {
  /** After this time, the command is killed and ends with code 124. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input of the command; empty if omitted. */
  readonly input?: Buffer;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command whose output is streamed. */
export interface RunningCommand {
  readonly output: Readable;
  /** Resolves when the command has ended, whatever its exit code; `stdout` is empty. */
  readonly ended: Promise<CommandResult>;
}

/**
 * A computer that setup works on: this one, or a host over SSH. Commands are argument lists, never shell text. A
 * missing command ends with code 127.
 */
export interface Machine {
  readonly name: string;
  /** Returns the command that runs as root without a password prompt. */
  asRoot(argv: readonly string[]): readonly string[];
  run(argv: readonly string[], options?: RunCommandOptions): Promise<CommandResult>;
  stream(argv: readonly string[], options?: { signal?: AbortSignal }): RunningCommand;
  /** Undefined if the file does not exist or is not readable. */
  readFile(path: string): Promise<string | undefined>;
  /** Replaces the file atomically as root. Missing folders are created. `mode` is for example 0o644. */
  writeFile(path: string, content: Buffer, options: { mode: number }): Promise<void>;
  /** Names in a folder, sorted; empty if there is no such folder. */
  listFolder(path: string): Promise<string[]>;
  /** IPv4 addresses of network interfaces except loopback and container bridges, the default route's first. */
  addresses(): Promise<string[]>;
  /** Whether something accepts TCP connections there. */
  accepts(address: string, port: number): Promise<boolean>;
  /** Whether a host name has an address. */
  resolves(name: string): Promise<boolean>;
}
