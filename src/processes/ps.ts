import { label, processName } from '#labels.ts';
import { own } from '#values/own.ts';
import type { ProcessPorts } from './ports.ts';
import type { TaskInfo } from '#engine';
import type { Body, Operation, Task } from '#api';
import { formationFor, type Formation } from '#apps';
import { fail } from '#errors';
import { zoneOf } from '#nodes';
import { observeTasks, whyEnded } from '#rollout';
import type { AppRecord, ReleaseRecord } from '#store';
import { beginChange } from '#apps/app-change.ts';
import { runnable, scale } from './formation.ts';
import { processSessions, type ProcessSessions } from './sessions/process-sessions.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';
import { observeRuns, type ObservedRun } from './one-offs/observe-runs.ts';
import { stopRun } from './one-offs/runs.ts';
import { measure } from './usage.ts';
import type { Caller } from '#access/caller.ts';

export interface Processes extends ProcessSessions {
  list(app: string): Promise<Task[]>;
  restart(app: string, input: Body<'psRestart'>, caller: Caller): Promise<Operation>;
  stop(app: string, input: Body<'psStop'>, caller: Caller): Promise<Operation>;
}

export function ps(parts: ProcessPorts, flow: ReleaseFlow): Processes {
  return {
    ...processSessions(parts, flow),
    async list(app) {
      const record = await parts.store.apps.get(app);
      const live = await flow.liveRelease(record);
      return live && record.live ? new TaskList(parts, record, live).read() : [];
    },

    restart(app, { type }, caller) {
      const check = async (record: AppRecord): Promise<void> => checkType(record, await runnable(flow, record), type);
      return beginChange(parts, { kind: 'restart', app, caller, check }, async (record, work) => {
        const release = await flow.restart(record, record.formation, work);
        return { app, release: release.version };
      });
    },

    async stop(app, { target }, caller) {
      if (target.startsWith('run.')) return stopRun(parts, app, target, caller);
      const check = async (record: AppRecord): Promise<void> => checkType(record, await runnable(flow, record), target);
      return beginChange(parts, { kind: 'stop', app, caller, check }, async (record, work) => {
        const before = formationFor(Object.keys((await runnable(flow, record)).processTypes), record.formation);
        const after: Formation = { ...before, [target]: { ...before[target]!, quantity: 0 } };
        await scale(parts, record, after, work);
        return { app, stopped: target };
      });
    },
  };
}

function checkType(app: AppRecord, release: ReleaseRecord, type: string | undefined): void {
  const known = Object.keys(formationFor(Object.keys(release.processTypes), app.formation));
  if (type !== undefined && !known.includes(type)) throw fail('PROCESS_TYPE_UNKNOWN', { type, known });
}

type TaskLocation = Pick<Task, 'node' | 'zone'>;
const NOWHERE: TaskLocation = { node: '', zone: null };

/** Lists an app's processes: tasks of services, and one-offs. */
class TaskList {
  constructor(
    private readonly parts: ProcessPorts,
    private readonly app: AppRecord,
    private readonly release: ReleaseRecord,
  ) {}

  async read(): Promise<Task[]> {
    const { engine } = this.parts;
    const [tasks, runs, nodes] = await Promise.all([
      observeTasks(engine, this.app.id, this.app.live!),
      observeRuns(this.parts, this.app.id),
      engine.nodes(),
    ]);
    const places = new Map(
      nodes.map((node): [string, TaskLocation] => [node.id, { node: node.hostname, zone: zoneOf(node) ?? null }]),
    );
    const rows = newestOfSlots(tasks);
    const running = runs.filter(({ state, detached }) => state === 'up' || (detached && state !== 'ended'));
    const usage = await this.#measure(
      rows.map(({ task }) => task),
      running,
    );
    return [
      ...rows.map(({ task, crashed }) =>
        this.#row(task, crashed, places.get(task.nodeId) ?? NOWHERE, usage.get(task.containerId ?? '') ?? null),
      ),
      ...running.map((run) => this.#runRow(run, places.get(run.node ?? '') ?? NOWHERE, usage)),
    ];
  }

  #measure(tasks: readonly TaskInfo[], runs: readonly ObservedRun[]): ReturnType<typeof measure> {
    const { engines, clock } = this.parts;
    const up = [
      ...tasks.map(({ state, nodeId, containerId }) => ({ up: state === 'running', node: nodeId, id: containerId })),
      ...runs.map(({ state, node, container }) => ({ up: state === 'up', node, id: container })),
    ].flatMap(({ up, node, id }) => (up && node && id ? [{ container: id, engine: () => engines.on(node) }] : []));
    return measure(up, clock);
  }

  #whyEnded(task: TaskInfo): string {
    const stop = this.parts.diskWatch.stopsOf(this.app.id).find(({ container }) => container === task.containerId);
    return stop?.why ?? whyEnded(task);
  }

  #row(task: TaskInfo, crashed: TaskInfo | undefined, place: TaskLocation, usage: Task['usage']): Task {
    const type = task.labels[label.type] ?? '';
    const size = formationFor([type], this.app.formation)[type]!;
    return {
      name: processName(task.labels, task.slot),
      type,
      slot: task.slot,
      ...stateOf(task, crashed && this.#whyEnded(crashed)),
      release: Number(task.labels[label.release]),
      ...place,
      since: task.since,
      started: task.state === 'running' ? task.since : null,
      command: own(this.release.processTypes, type) || this.release.imageCommand || null,
      size: { memory: size.memoryBytes, cpus: size.cpus },
      exitCode: crashed?.exitCode ?? null,
      usage,
      id: task.id,
    };
  }

  #runRow(run: ObservedRun, place: TaskLocation, usage: Awaited<ReturnType<typeof measure>>): Task {
    const { name, state, detail, release, since, limits, container, service } = run;
    return {
      name,
      type: 'run',
      slot: Number(name.split('.')[1] ?? 0),
      state: state === 'ended' ? 'stopping' : state,
      detail,
      release,
      ...place,
      since,
      started: state === 'up' ? since : null,
      command: null,
      size: { memory: limits.memoryBytes ?? 0, cpus: limits.cpus ?? 0 },
      exitCode: null,
      usage: usage.get(container ?? '') ?? null,
      id: container ?? service ?? name,
    };
  }
}

/** Swarm keeps ended tasks of a slot for a while: the newest has the state, an earlier one explains the restart. */
function newestOfSlots(tasks: readonly TaskInfo[]): { task: TaskInfo; crashed: TaskInfo | undefined }[] {
  const slots = new Map<string, TaskInfo[]>();
  for (const task of tasks) {
    const key = `${task.serviceId}/${task.slot}`;
    slots.set(key, [...(slots.get(key) ?? []), task]);
  }
  const newestFirst = (a: TaskInfo, b: TaskInfo): number => (a.createdAt < b.createdAt ? 1 : -1);
  return [...slots.values()]
    .map((slot) => slot.sort(newestFirst))
    .filter(([newest]) => newest!.desired === 'running' || newest!.desired === 'ready' || newest!.state === 'running')
    .map((slot) => ({
      task: slot[0]!,
      crashed: slot.find((task) => task.state === 'failed' || task.state === 'rejected'),
    }))
    .sort((a, b) => byName(a.task, b.task));
}

function byName(a: TaskInfo, b: TaskInfo): number {
  const [left, right] = [a.labels[label.type] ?? '', b.labels[label.type] ?? ''];
  return left === right ? a.slot - b.slot : left < right ? -1 : 1;
}

function stateOf(task: TaskInfo, whyCrashed: string | undefined): Pick<Task, 'state' | 'detail'> {
  if (task.state === 'running' && task.desired !== 'running') return { state: 'stopping', detail: '' };
  if (task.state === 'running')
    return { state: 'up', detail: whyCrashed ? `restarted: the previous one ${whyCrashed}` : '' };
  if (whyCrashed) return { state: 'crashed', detail: whyCrashed };
  if (task.state === 'pending' || task.state === 'new') return { state: 'pending', detail: task.error };
  return { state: 'starting', detail: task.error };
}
