import { label } from '#labels.ts';
import { isPrepared, type Engine, type TaskInfo } from '#engine';
import { fail } from '#errors';
import { Deadline, waitUntil, type Clock, type Secret } from '#events';
import type { ClusterSpec } from './cluster-spec.ts';
import { controllerUrl, names } from '../names.ts';
import { askCluster, type Answered, type Unisolated } from './reach.ts';

/** A slow machine takes a minute to start the controller. */
const DEADLINE_MS = 120_000;
/** Slow disks and CPUs take minutes to unpack an image. */
const PREPARING_DEADLINE_MS = 300_000;
/** Agents that have just started need a moment. */
const ISOLATION_DEADLINE_MS = 20_000;
const PAUSE_MS = 200;
const LAST_LINES = 15;

/** Whether its program runs. */
export function isUp({ state }: TaskInfo): boolean {
  return state === 'running' || state === 'starting';
}

interface AnswerParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly spec: ClusterSpec;
  readonly token: Secret | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A service and its tasks, newest first. */
interface ObservedService {
  readonly name: string;
  readonly fingerprint: string | undefined;
  readonly tasks: readonly TaskInfo[];
}

/** Waits until a request reaches the controller through the router, which then has applied a route table. */
export class ControllerWait {
  constructor(private readonly parts: AnswerParts) {}

  /** Throws SETUP_PORT_TAKEN, or SETUP_NOT_ANSWERING with the last lines of the failed task. */
  async wait(): Promise<void> {
    const { clock, spec, token, signal } = this.parts;
    const start = clock.now();
    const deadline = new Deadline(clock, { within: DEADLINE_MS, atMost: PREPARING_DEADLINE_MS });
    for (;;) {
      const seen = await this.#observe();
      const { ok, why } = outdated(seen) ?? (await askCluster(spec.settings, token));
      if (ok) return;
      if (seen.some(({ tasks: [newest] }) => newest !== undefined && isPrepared(newest))) deadline.extend();
      if (deadline.isOver) throw await this.#diagnosis(why, clock.now() - start, seen);
      this.#checkPorts(seen);
      await clock.sleep(PAUSE_MS, signal);
    }
  }

  /** Waits until every node keeps web processes apart, and returns those that do not in time. */
  async unisolated(): Promise<readonly Unisolated[]> {
    const { clock, spec, token, signal } = this.parts;
    if (!token) return [];
    let seen: readonly Unisolated[] | undefined;
    await waitUntil(clock, { every: PAUSE_MS, within: ISOLATION_DEADLINE_MS, signal }, async () => {
      seen = (await askCluster(spec.settings, token)).unisolated;
      return seen?.length === 0;
    });
    return seen ?? [{ node: 'any node', why: 'the controller has not said that it is' }];
  }

  #observe(): Promise<ObservedService[]> {
    const { engine } = this.parts;
    return Promise.all(
      [names.controller, names.router].map(async (name) => {
        const [service, tasks] = await Promise.all([engine.service(name), engine.tasks({ service: name })]);
        return {
          name,
          fingerprint: service?.labels[label.fingerprint],
          tasks: tasks.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
        };
      }),
    );
  }

  #checkPorts(seen: readonly ObservedService[]): void {
    const { httpPort, httpsPort } = this.parts.spec.settings;
    for (const task of tasksOf(seen, names.router)) {
      // Swarm's own "host-mode port already in use" passes when the router's old task has stopped.
      if (!/port is already allocated|address already in use/.test(task.error)) continue;
      const port = task.error.includes(`:${httpsPort}`) ? httpsPort : httpPort;
      throw fail('SETUP_PORT_TAKEN', { port, option: port === httpPort ? 'http-port' : 'https-port' });
    }
  }

  async #diagnosis(why: string, waitedMs: number, seen: readonly ObservedService[]): Promise<Error> {
    const { domain, httpPort } = this.parts.spec.settings;
    const facts = { url: controllerUrl(domain, httpPort), seconds: Math.round(waitedMs / 1000) };
    for (const {
      name: service,
      tasks: [task],
    } of seen) {
      if (!task) return fail('SETUP_NOT_ANSWERING', { ...facts, why: `${service} has no task`, lines: [] });
      if (task.state === 'running' && task.error === '') continue;
      const words = `${service} is ${task.state}: ${task.error || task.message}`;
      return fail('SETUP_NOT_ANSWERING', { ...facts, why: words, lines: await this.#lastLines(task) });
    }
    // An error that the router returns comes from the controller.
    const [speaker] = tasksOf(seen, why.startsWith('the router answers') ? names.controller : names.router);
    return fail('SETUP_NOT_ANSWERING', { ...facts, why, lines: speaker ? await this.#lastLines(speaker) : [] });
  }

  async #lastLines(task: TaskInfo): Promise<string[]> {
    const lines: string[] = [];
    try {
      for await (const { line } of this.parts.engine.taskLogs(task.id, { tail: LAST_LINES })) lines.push(line);
    } catch {
      // A task that never had a container has no log; its error is enough.
    }
    return lines;
  }
}

function tasksOf(seen: readonly ObservedService[], service: string): readonly TaskInfo[] {
  return seen.find(({ name }) => name === service)?.tasks ?? [];
}

/**
 * After an update, old tasks respond for a moment. A starting task may only be waiting for Swarm's health check, and
 * this check is faster.
 */
function outdated(seen: readonly ObservedService[]): Answered | undefined {
  for (const { name, fingerprint, tasks } of seen) {
    const wanted = tasks.filter(({ desired }) => desired === 'running');
    if (wanted.length > 0 && wanted.every((task) => isUp(task) && task.labels[label.fingerprint] === fingerprint))
      continue;
    return { ok: false, why: `${name} is not running yet` };
  }
  return undefined;
}
