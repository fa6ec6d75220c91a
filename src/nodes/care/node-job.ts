import { KIND, label } from '#labels.ts';
import { ownContainers } from '#ownership.ts';
import type { Containers, ContainerSpec, System } from '#engine';
import { fail } from '#errors';

/** Work done on a node by a container of a platform image, as the node's root. */
export interface NodeJob {
  /** Only one job of a name runs at a time. */
  readonly name: string;
  readonly cluster: string;
  readonly command: readonly string[];
  readonly mounts: NonNullable<ContainerSpec['mounts']>;
  readonly network: 'host' | 'none';
  readonly capabilities?: readonly string[];
  /** Defaults to the image of the platform's container that is running there. */
  readonly image?: string;
}

/** Starts a job and returns its container's id. Throws NODE_UNREACHABLE if the node has no platform container. */
export async function startOnNode(engine: Containers & System, job: NodeJob): Promise<string> {
  const image = job.image ?? (await platformImage(engine));
  const before = await engine.container(job.name);
  if (before) await engine.removeContainer(before.id);
  const id = await engine.createContainer({
    name: job.name,
    image,
    env: {},
    user: 'root',
    networks: [{ id: job.network }],
    mounts: job.mounts,
    labels: { [label.kind]: KIND.nodeJob, [label.cluster]: job.cluster },
    entrypoint: [job.command[0]!],
    command: job.command.slice(1),
    capDrop: ['ALL'],
    ...(job.capabilities ? { capAdd: job.capabilities } : {}),
    noNewPrivileges: true,
  });
  await engine.startContainer(id);
  return id;
}

/** Runs a job to its end and returns its stdout. Throws NODE_JOB_FAILED. */
export async function runOnNode(engine: Containers & System, job: NodeJob, signal: AbortSignal): Promise<string> {
  const id = await startOnNode(engine, job);
  try {
    const exitCode = await engine.waitContainer(id, signal);
    const lines = { stdout: [] as string[], stderr: [] as string[] };
    for await (const { stream, line } of engine.containerLogs(id, { signal })) lines[stream].push(line);
    if (exitCode !== 0)
      throw fail('NODE_JOB_FAILED', { job: job.name, exitCode, why: lines.stderr.at(-1) ?? 'it printed nothing' });
    return lines.stdout.map((line) => `${line}\n`).join('');
  } finally {
    await engine.removeContainer(id).catch(() => undefined);
  }
}

/** The image of the agent or the controller: it is on the node and contains Node and iptables. */
async function platformImage(engine: Containers & System): Promise<string> {
  const all = await ownContainers(engine, { [label.kind]: '' });
  const image = all.find(
    ({ labels, running }) => running && [KIND.agent, KIND.controller].some((kind) => labels[label.kind] === kind),
  )?.image;
  if (image) return image;
  throw fail('NODE_UNREACHABLE', { node: (await engine.info()).name, why: 'no agent is running there' });
}
