import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cgroupParent, foreignGroups, removeCgroups, removeGroups, stillThere } from './cgroups.js';
import { HOST_SOCKET, dockerArgv, hostDocker, must, run, waitUntil } from './command.js';
import type { CommandOptions, CommandResult } from './command.js';
import { containerName, nodeDirectory } from './lab-paths.js';

/** Where a node sees its temp folder of the host. */
export const SHARED = '/run/lab';

/** Addresses of the inner engine's bridges: the defaults are those the node itself lives on. */
const ADDRESS_FLAGS = ['--bip', '172.29.0.1/24', '--default-address-pool', 'base=172.30.0.0/16,size=24'];

/** A container which stands for a machine: with an engine of its own, or without one. */
export class LabNode {
  constructor(
    readonly name: string,
    readonly runId: string,
    readonly ip: string,
    readonly hasEngine: boolean,
  ) {}

  get container(): string {
    return containerName(this.runId, this.name);
  }

  /** Host folder which the node sees as /run/lab. */
  get directory(): string {
    return nodeDirectory(this.runId, this.name);
  }

  get socket(): string {
    return join(this.directory, 'docker.sock');
  }

  get dockerHost(): string {
    return `unix://${this.socket}`;
  }

  get engineLog(): string {
    return join(this.directory, 'dockerd.log');
  }

  /** Runs argv in the node; resolves whatever the exit code is. */
  async exec(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const env = Object.entries(options.env ?? {}).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const stdin = options.stdin === undefined ? [] : ['-i'];
    const { env: _inside, ...rest } = options;
    return run(dockerArgv(HOST_SOCKET, ['exec', ...stdin, ...env, this.container, ...argv]), rest);
  }

  /** Runs the host's Docker client against this node's engine; throws when it fails. */
  async docker(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
    return must(dockerArgv(this.socket, argv), options);
  }

  /** Copies a file or folder of the host in, as `docker cp` does. */
  async copyIn(from: string, to: string): Promise<void> {
    await hostDocker(['cp', from, `${this.container}:${to}`]);
  }

  /** Copies a file or folder out to the host. */
  async copyOut(from: string, to: string): Promise<void> {
    await hostDocker(['cp', `${this.container}:${from}`, to]);
  }

  /** Gives the node's engine an image of another engine (the host's by default), without a file between. */
  async loadImage(ref: string, fromSocket: string = HOST_SOCKET): Promise<void> {
    const [file, ...save] = dockerArgv(fromSocket, ['save', ref]);
    const [loader, ...load] = dockerArgv(this.socket, ['load']);
    await execa(file!, save, { buffer: false, encoding: 'buffer' }).pipe(loader!, load);
  }

  async engineAnswers(): Promise<boolean> {
    return (
      (await run(dockerArgv(this.socket, ['version', '-f', '{{.Server.Version}}']), { timeoutMs: 10_000 })).code === 0
    );
  }

  /** Starts the engine and waits for it: at boot, and after a test stopped or killed it. */
  async startEngine(): Promise<void> {
    const hosts = ['-H', `unix://${SHARED}/docker.sock`, '-H', 'unix:///var/run/docker.sock'];
    const script = 'rm -f /var/run/docker.pid; exec "$@" >>/run/lab/dockerd.log 2>&1';
    const cgroup = ['--cgroup-parent', cgroupParent(this.runId, this.name)];
    const argv = ['sh', '-c', script, 'sh', 'dockerd', ...hosts, ...ADDRESS_FLAGS, ...cgroup];
    await hostDocker(['exec', '-d', this.container, ...argv]);
    await waitUntil(`engine of ${this.name} (${this.engineLog})`, 60_000, () => this.engineAnswers());
  }

  /** Stops the engine: politely, or as a power cut would (SIGKILL). */
  async stopEngine(signal: 'TERM' | 'KILL' = 'TERM'): Promise<void> {
    const running = async (): Promise<boolean> => (await this.exec(['pgrep', '-x', 'dockerd'])).code === 0;
    if (!(await running())) return;
    await this.exec(['pkill', `-${signal}`, '-x', 'dockerd']);
    await waitUntil(`engine of ${this.name} to stop`, 30_000, async () => !(await running()));
  }

  /**
   * Removes the node with all it holds. The kernel ends every process of it together with its process 1; to stop
   * the engine first would only wait for containers which do not heed SIGTERM.
   */
  async stop(): Promise<void> {
    const foreign = await this.#foreignGroups();
    await run(dockerArgv(HOST_SOCKET, ['rm', '-f', '-v', this.container]));
    await removeCgroups(this.runId, this.name);
    await removeGroups(() => stillThere(foreign));
    await rm(this.directory, { recursive: true, force: true });
  }

  async #foreignGroups(): Promise<string[]> {
    const id = await run(dockerArgv(HOST_SOCKET, ['inspect', '-f', '{{.Id}}', this.container]));
    if (id.code !== 0) return [];
    const groups = await this.exec(['sh', '-c', 'cat /proc/[0-9]*/cgroup 2>/dev/null']);
    return foreignGroups(groups.stdout, id.stdout.trim());
  }
}
