import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { HOST_SOCKET, dockerArgv, must, run, waitUntil } from './command.js';
import { MACHINE_IMAGE, NODE_IMAGE } from './image-recipes.js';
import { ensureLabImage } from './images.js';
import { OWNER_LABEL, RUN_LABEL, containerName, nodeDirectory } from './lab-paths.js';
import { LabNode, SHARED } from './node.js';

/** What a machine is for: a Swarm node has an engine, a fresh machine has systemd and no Docker. */
export type NodeKind = 'node' | 'machine';

const KIND_LABEL = 'mothership.lab.kind';

/** Process 1 of a node. It reaps what dockerd orphans, and survives dockerd so that tests can kill it. */
const INIT = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'];

/** systemd refuses the first version of cgroups unless told; in a container its arguments are the kernel's. */
const SYSTEMD = ['/sbin/init', 'SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1'];

const SYSTEMD_FLAGS = [
  ...['--tmpfs', '/run:exec,mode=755', '--tmpfs', '/run/lock', '--stop-signal', 'SIGRTMIN+3'],
  ...['-e', 'container=docker', '-e', 'SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1'],
];

/** A host without CAP_SYS_RESOURCE cannot give --privileged: this is as near as it gets. */
const ISOLATION_FLAGS = [
  ...['--cap-add', 'ALL'],
  ...['--security-opt', 'seccomp=unconfined'],
  ...['--security-opt', 'apparmor=unconfined'],
  ...['--security-opt', 'systempaths=unconfined'],
  ...['-v', '/sys/fs/cgroup:/sys/fs/cgroup:rw'],
];

export interface NodeOptions {
  name: string;
  kind?: NodeKind;
  /** Nodes of one run are cleaned up together; a fresh id by default. */
  runId?: string;
  /** Instead of the kind's own. */
  image?: string;
  /** False when the node must outlive this process (the command line's nodes). */
  owned?: boolean;
  env?: Record<string, string>;
}

/** A new run's id: short, because it becomes part of a socket's path. */
export function newRunId(): string {
  return `${process.pid}-${randomBytes(3).toString('hex')}`;
}

/** Finds a node which another process started; undefined when there is none. */
export async function findNode(runId: string, name: string): Promise<LabNode | undefined> {
  const format = `{{.NetworkSettings.IPAddress}} {{index .Config.Labels "${KIND_LABEL}"}}`;
  const found = await run(dockerArgv(HOST_SOCKET, ['inspect', '-f', format, containerName(runId, name)]));
  if (found.code !== 0) return undefined;
  const [ip = '', kind] = found.stdout.trim().split(' ');
  return new LabNode(name, runId, ip, kind !== 'machine');
}

/**
 * On a host without CAP_SYS_RESOURCE an old engine must be told that ALL does not mean it, and a new engine
 * knows and refuses to be told.
 */
async function runContainer(argv: readonly string[]): Promise<void> {
  const start = (flags: string[]): string[] => dockerArgv(HOST_SOCKET, ['run', '-d', ...flags, ...argv]);
  const result = await run(start(['--cap-drop', 'SYS_RESOURCE']));
  if (result.code === 0) return;
  if (!result.stderr.includes('invalid CapDrop')) throw new Error(`docker run ${argv.join(' ')}\n${result.stderr}`);
  await must(start([]));
}

function labelFlags(options: NodeOptions, runId: string, kind: NodeKind): string[] {
  const label = (name: string, value: string): string[] => ['--label', `${name}=${value}`];
  const owner = options.owned === false ? [] : label(OWNER_LABEL, String(process.pid));
  return [...label(RUN_LABEL, runId), ...label(KIND_LABEL, kind), ...owner];
}

async function startContainer(options: NodeOptions, runId: string, kind: NodeKind): Promise<void> {
  const image = options.image ?? (kind === 'node' ? NODE_IMAGE : MACHINE_IMAGE);
  await ensureLabImage(image);
  const directory = nodeDirectory(runId, options.name);
  await mkdir(directory, { recursive: true });
  const env = Object.entries(options.env ?? {}).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const identity = ['--name', containerName(runId, options.name), '--hostname', options.name];
  const disk = ['--mount', `type=volume,dst=/var/lib/docker,volume-label=${RUN_LABEL}=${runId}`];
  const flags = [...identity, ...ISOLATION_FLAGS, ...disk, '-v', `${directory}:${SHARED}`, ...env];
  if (kind === 'machine') flags.push(...SYSTEMD_FLAGS);
  const init = kind === 'machine' ? SYSTEMD : INIT;
  await runContainer([...flags, ...labelFlags(options, runId, kind), image, ...init]);
}

/** Without keys sshd ends at once, and systemd gives up on what ended five times in ten seconds: hence reset-failed. */
export async function restartSsh(node: LabNode): Promise<void> {
  for (const argv of [
    ['ssh-keygen', '-A'],
    ['systemctl', 'reset-failed', 'ssh'],
    ['systemctl', 'restart', 'ssh'],
  ]) {
    const result = await node.exec(argv);
    if (result.code !== 0) throw new Error(`${node.name}: ${argv.join(' ')}\n${result.stderr}`);
  }
}

async function waitForSystemd(node: LabNode): Promise<void> {
  const states = ['running', 'degraded'];
  await waitUntil(`systemd of ${node.name}`, 60_000, async () => {
    return states.includes((await node.exec(['systemctl', 'is-system-running'])).stdout.trim());
  });
  await restartSsh(node);
}

/** Boots a machine, with its engine if it has one; the lab image is built when the host lacks it. */
export async function startNode(options: NodeOptions): Promise<LabNode> {
  const runId = options.runId ?? newRunId();
  const kind = options.kind ?? 'node';
  await startContainer(options, runId, kind);
  const node = await findNode(runId, options.name);
  if (!node) throw new Error(`${options.name} did not start`);
  if (node.hasEngine) await node.startEngine();
  else await waitForSystemd(node);
  return node;
}
