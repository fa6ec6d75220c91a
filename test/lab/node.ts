import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cgroupParent, foreignGroups, removeCgroups, removeGroups, stillThere } from './cgroups.js';
import { HOST_SOCKET, dockerArgv, hostDocker, must, run, waitUntil } from './command.js';
import type { CommandOptions, CommandResult } from './command.js';
import { ensureLabImage } from './images.js';
import { NODE_IMAGE } from './image-recipes.js';
import { OWNER_LABEL, RUN_LABEL, nodeDirectory } from './lab-paths.js';

/** Process 1 of a node. It reaps what dockerd orphans, and survives dockerd so that tests can kill it. */
const INIT = 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done';

/** Where a node sees its temp folder of the host. */
const SHARED = '/run/lab';

/** Addresses of the inner engine's bridges: the defaults are those the node itself lives on. */
const ADDRESS_FLAGS = ['--bip', '172.29.0.1/24', '--default-address-pool', 'base=172.30.0.0/16,size=24'];

/** A machine without CAP_SYS_RESOURCE cannot give --privileged: this is as near as it gets. */
const ISOLATION_FLAGS = [
  ...['--cap-add', 'ALL', '--cap-drop', 'SYS_RESOURCE'],
  ...['--security-opt', 'seccomp=unconfined'],
  ...['--security-opt', 'apparmor=unconfined'],
  ...['--security-opt', 'systempaths=unconfined'],
  ...['-v', '/sys/fs/cgroup:/sys/fs/cgroup:rw'],
  ...['-v', '/var/lib/docker'],
];

export interface NodeOptions {
  name: string;
  /** Nodes of one run are cleaned up together; a fresh id by default. */
  runId?: string;
  image?: string;
  /** False for a machine which has no Docker yet. */
  engine?: boolean;
  /** False when the node must outlive this process (the command line's nodes). */
  owned?: boolean;
  env?: Record<string, string>;
}

/** A new run's id: short, because it becomes part of a socket's path. */
export function newRunId(): string {
  return `${process.pid}-${randomBytes(3).toString('hex')}`;
}

/** Container name of a run's node. */
export function containerName(runId: string, name: string): string {
  return `lab-${runId}-${name}`;
}

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
    return (await run(dockerArgv(this.socket, ['version', '-f', '{{.Server.Version}}']), { timeoutMs: 10_000 })).code === 0;
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

async function addressOf(container: string): Promise<string> {
  return hostDocker(['inspect', '-f', '{{.NetworkSettings.IPAddress}}', container]);
}

/** Finds a node which another process started; undefined when there is none. */
export async function findNode(runId: string, name: string): Promise<LabNode | undefined> {
  const format = '{{.NetworkSettings.IPAddress}} {{index .Config.Labels "mothership.lab.engine"}}';
  const found = await run(dockerArgv(HOST_SOCKET, ['inspect', '-f', format, containerName(runId, name)]));
  if (found.code !== 0) return undefined;
  const [ip = '', engine] = found.stdout.trim().split(' ');
  return new LabNode(name, runId, ip, engine === 'true');
}

function runFlags(options: NodeOptions, runId: string): string[] {
  const label = (name: string, value: string): string[] => ['--label', `${name}=${value}`];
  return [
    ...['--name', containerName(runId, options.name), '--hostname', options.name],
    ...ISOLATION_FLAGS,
    ...['-v', `${nodeDirectory(runId, options.name)}:${SHARED}`],
    ...label(RUN_LABEL, runId),
    ...label('mothership.lab.engine', String(options.engine ?? true)),
    ...(options.owned === false ? [] : label(OWNER_LABEL, String(process.pid))),
    ...Object.entries(options.env ?? {}).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
  ];
}

/** Boots a machine and, unless told otherwise, its engine; the lab image is built when the host lacks it. */
export async function startNode(options: NodeOptions): Promise<LabNode> {
  const runId = options.runId ?? newRunId();
  const image = options.image ?? NODE_IMAGE;
  await ensureLabImage(image);
  await mkdir(nodeDirectory(runId, options.name), { recursive: true });
  await hostDocker(['run', '-d', ...runFlags(options, runId), image, 'sh', '-c', INIT]);
  const ip = await addressOf(containerName(runId, options.name));
  const node = new LabNode(options.name, runId, ip, options.engine ?? true);
  if (node.hasEngine) await node.startEngine();
  return node;
}
