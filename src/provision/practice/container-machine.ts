import type { Duplex } from 'node:stream';
import type { EngineAddress } from '#engine';
import type { CommandResult, Machine, RunCommandOptions, RunningCommand } from '../machine.ts';
import { replaceFile } from '../replace-file.ts';
import type { DockerClient } from './docker-client.ts';
import type { PracticeNode } from './practice-node.ts';

const CONNECT_SECONDS = 2;
/** Address and port are arguments, not part of the script. */
const CONNECT = 'exec 3<>"/dev/tcp/$0/$1"';

/** A container that acts as a machine; its only user is root. */
export class ContainerMachine implements Machine {
  readonly name: string;

  constructor(
    private readonly docker: DockerClient,
    private readonly node: PracticeNode,
  ) {
    this.name = node.name;
  }

  get engine(): EngineAddress {
    return {
      dial: (): Promise<Duplex> => this.docker.dial(this.node.container),
      where: `the engine of ${this.node.container}`,
    };
  }

  asRoot(argv: readonly string[]): readonly string[] {
    return argv;
  }

  /** Environment values do not appear in the process list. */
  async run(argv: readonly string[], options: RunCommandOptions = {}): Promise<CommandResult> {
    const env = Object.keys(options.env ?? {}).flatMap((name) => ['--env', name]);
    const input = options.input ? ['--interactive'] : [];
    const result = await this.docker.run(['exec', ...input, ...env, this.node.container, ...argv], options);
    // The engine's error for a missing program; old engines use another exit code.
    return /^OCI runtime exec failed: .*executable file not found/m.test(result.stdout + result.stderr)
      ? { ...result, code: 127 }
      : result;
  }

  stream(argv: readonly string[], options: { signal?: AbortSignal } = {}): RunningCommand {
    return this.docker.stream(['exec', this.node.container, ...argv], options);
  }

  async readFile(path: string): Promise<string | undefined> {
    const { code, stdout } = await this.run(['cat', '--', path]);
    return code === 0 ? stdout : undefined;
  }

  writeFile(path: string, content: Buffer, options: { mode: number }): Promise<void> {
    return replaceFile(this, path, content, options);
  }

  async listFolder(path: string): Promise<string[]> {
    const { code, stdout } = await this.run(['ls', '-1A', '--', path]);
    return code === 0
      ? stdout
          .split('\n')
          .filter((name) => name !== '')
          .sort()
      : [];
  }

  addresses(): Promise<string[]> {
    return Promise.resolve([this.node.address]);
  }

  async accepts(address: string, port: number): Promise<boolean> {
    return (
      (await this.run(['timeout', String(CONNECT_SECONDS), 'bash', '-c', CONNECT, address, String(port)])).code === 0
    );
  }

  async resolves(name: string): Promise<boolean> {
    return (await this.run(['getent', 'hosts', '--', name])).code === 0;
  }
}
