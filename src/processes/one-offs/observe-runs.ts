import { KIND, label } from '#labels.ts';
import { ownContainers } from '#ownership.ts';
import type { ContainerInfo, Resources, ServiceInfo, Services, TaskInfo } from '#engine';
import type { Clock } from '#events';
import type { NodeEngines } from '#nodes/engines/node-engines.ts';
import { whyEnded } from '#rollout';

/** A one-off process: a container of its own or, in the background, the only task of a service. */
export interface ObservedRun {
  /** `run.1234`; `release.7` for a release command. */
  readonly name: string;
  /** An app's id. */
  readonly app: string;
  readonly release: number;
  /** Its command line, shortened; empty for one that a version before this label started. */
  readonly command: string;
  readonly detached: boolean;
  readonly state: 'starting' | 'up' | 'stopping' | 'ended';
  /** Why it is in this state; may be empty. */
  readonly detail: string;
  readonly exitCode: number | undefined;
  readonly createdAt: string;
  /** When it entered `state`. */
  readonly since: string;
  readonly limits: Resources;
  /** A node's id; undefined while it waits for one. */
  readonly node: string | undefined;
  readonly container: string | undefined;
  /** Undefined for a container of its own. */
  readonly service: string | undefined;
  /** By network id. */
  readonly addresses: Readonly<Record<string, string>>;
}

export interface RunPorts {
  /** A manager's. */
  readonly engine: Services;
  readonly engines: NodeEngines;
  readonly clock: Clock;
}

/** How long to wait for another node. */
const WITHIN_MS = 1_000;
const ENDED: readonly TaskInfo['state'][] = ['complete', 'failed', 'rejected', 'shutdown', 'remove', 'orphaned'];

/** One-offs of an app (its id) or of all, wherever they run; those that have ended are kept for a while. */
export async function observeRuns(ports: RunPorts, app?: string): Promise<ObservedRun[]> {
  const { engine } = ports;
  const of = (kind: string) => ({ [label.kind]: kind, ...(app === undefined ? {} : { [label.app]: app }) });
  const [services, tasks, containers] = await Promise.all([
    engine.services(of(KIND.detached)),
    engine.tasks({ labels: of(KIND.detached) }),
    runContainers(ports, of(KIND.run)),
  ]);
  const own = (service: ServiceInfo): TaskInfo | undefined => tasks.find(({ serviceId }) => serviceId === service.id);
  return [...services.map((service) => ofService(service, own(service))), ...containers];
}

/** On every node, since a controller that was replaced has left them where it was. */
async function runContainers({ engines, clock }: RunPorts, filter: Record<string, string>): Promise<ObservedRun[]> {
  const all = (await engines.all()).map(async ({ node, engine }) => {
    const listed = ownContainers(engine, filter);
    const found = engine === engines.local ? await listed : await orNothing(listed, clock);
    return found.map((run) => ofContainer(run, node.id));
  });
  return (await Promise.all(all)).flat();
}

/** A node that does not respond must not hold up the others. */
async function orNothing<T>(listed: Promise<T[]>, clock: Clock): Promise<T[]> {
  const done = new AbortController();
  const late = clock.sleep(WITHIN_MS, done.signal).then((): T[] => []);
  try {
    return await Promise.race([listed, late]);
  } catch {
    return [];
  } finally {
    done.abort();
  }
}

function ofService(service: ServiceInfo, task: TaskInfo | undefined): ObservedRun {
  const { id, createdAt, limits } = service;
  return {
    ...named(service.labels),
    detached: true,
    state: stateOf(task),
    detail: detailOf(task),
    exitCode: task?.exitCode,
    createdAt,
    since: task?.since ?? createdAt,
    limits,
    node: task?.nodeId || undefined,
    container: task?.containerId,
    service: id,
    addresses: task?.addresses ?? {},
  };
}

function stateOf(task: TaskInfo | undefined): ObservedRun['state'] {
  if (!task) return 'starting';
  if (ENDED.includes(task.state)) return 'ended';
  if (task.desired !== 'running' && task.desired !== 'ready') return 'stopping';
  return task.state === 'running' ? 'up' : 'starting';
}

function detailOf(task: TaskInfo | undefined): string {
  if (!task) return '';
  return stateOf(task) === 'ended' ? whyEnded(task) : task.error;
}

function ofContainer(run: ContainerInfo, node: string): ObservedRun {
  const { id, running, exitCode, createdAt, addresses } = run;
  const hasStarted = Date.parse(run.startedAt) > 0;
  const hasEnded = !running && Date.parse(run.finishedAt) > 0;
  return {
    ...named(run.labels),
    detached: false,
    state: running ? 'up' : hasEnded ? 'ended' : 'starting',
    detail: hasEnded && exitCode !== undefined ? `exited with code ${exitCode}` : '',
    exitCode,
    createdAt,
    since: hasEnded ? run.finishedAt : hasStarted ? run.startedAt : createdAt,
    limits: {},
    node,
    container: id,
    service: undefined,
    addresses,
  };
}

function named(labels: ServiceInfo['labels']): Pick<ObservedRun, 'name' | 'app' | 'release' | 'command'> {
  return {
    name: labels[label.type] ?? 'run',
    app: labels[label.app] ?? '',
    release: Number(labels[label.release]),
    command: labels[label.command] ?? '',
  };
}
