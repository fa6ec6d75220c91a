import { execa } from 'execa';
import type { Duplex } from 'node:stream';
import { whereIs, type EngineAddress } from '#engine';
import { fail } from '#errors';
import type { CommandResult, Machine, RunCommandOptions, RunningCommand } from '../machine.ts';

/**
 * The `docker` client of this machine, for what the engine port does not cover: containers that act as machines.
 * Arguments are passed as they are, never through a shell.
 */
export class DockerClient {
  readonly #machine: Machine;

  /** `engine`: a socket or address on this machine. */
  constructor(
    machine: Machine,
    private readonly engine: EngineAddress,
  ) {
    this.#machine = machine;
  }

  get machine(): Machine {
    return this.#machine;
  }

  get where(): string {
    return whereIs(this.engine);
  }

  async run(argv: readonly string[], options: RunCommandOptions = {}): Promise<CommandResult> {
    const result = await this.#machine.run(this.#argv(argv), options);
    if (result.code === 127 && result.stderr === '' && result.stdout === '')
      throw fail('PRACTICE_NO_DOCKER', { where: 'it is not installed' });
    return result;
  }

  /** Returns its trimmed output. Throws PRACTICE_FAILED with the engine's message; `action` completes "could not …". */
  async must(action: string, argv: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(argv);
    if (code !== 0) throw fail('PRACTICE_FAILED', { action, why: reason(stderr) });
    return stdout.trim();
  }

  stream(argv: readonly string[], options: { signal?: AbortSignal } = {}): RunningCommand {
    return this.#machine.stream(this.#argv(argv), options);
  }

  /** Connects to the engine inside a container. */
  dial(container: string): Promise<Duplex> {
    const [file = '', ...args] = this.#argv(['exec', '-i', container, 'docker', 'system', 'dial-stdio']);
    const program = execa(file, args, { reject: false, buffer: false, stderr: 'ignore' });
    const socket = program.duplex();
    // Closing the connection ends the program; its exit code does not matter.
    socket.once('close', () => program.kill());
    return Promise.resolve(socket);
  }

  #argv(argv: readonly string[]): string[] {
    return ['docker', '--host', hostOf(this.engine), ...argv];
  }
}

/** The last line of the client's output is the reason. */
export function reason(stderr: string): string {
  const lines = stderr
    .trim()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith("Run 'docker") && !line.startsWith("See 'docker"));
  return (lines.at(-1) ?? 'it printed nothing')
    .replace(/^(docker: )?Error response from daemon: /, '')
    .replace(/\.$/, '');
}

function hostOf(engine: EngineAddress): string {
  if ('socketPath' in engine) return `unix://${engine.socketPath}`;
  if ('host' in engine) return `tcp://${engine.host}:${engine.port}`;
  throw fail('PRACTICE_NO_DOCKER', { where: `${engine.where} is another machine` });
}
