import { randomInt } from 'node:crypto';
import type { Attachment, Containers, ServiceSpec, Services, TaskInfo } from '#engine';
import { fail } from '#errors';
import { waitUntil, type Clock } from '#events';
import type { NodeEngines } from '#nodes/engines/node-engines.ts';
import { whyEnded } from '#rollout';
import type { TerminalSize } from '../command-line.ts';
import { observeRuns, type ObservedRun } from './observe-runs.ts';
import { planOneOff, type OneOffInput } from './one-off.ts';

interface PreparedRun {
  readonly container: string;
  readonly tty: boolean;
  readonly terminal: TerminalSize | undefined;
}

export interface RunningOneOff {
  readonly container: string;
  readonly tty: boolean;
  readonly attachment: Attachment;
  readonly exited: Promise<number>;
}

/** Time to connect to a requested terminal. */
const UNCLAIMED_MS = 60_000;
const STARTED: readonly TaskInfo['state'][] = ['running', 'complete', 'failed', 'rejected'];
/** A closed terminal ends its program: SIGHUP, then SIGTERM with Heroku's 30 s before SIGKILL. */
const STOP_SECONDS = 30;

/** A detached one has this time to start before its name is returned; a node that pulls the image may need longer. */
const START_MS = 5_000;
const LOOK_EVERY_MS = 100;

interface OneOffPorts {
  /** The controller's own engine, a manager's. */
  readonly engine: Containers & Services;
  readonly engines: NodeEngines;
  readonly clock: Clock;
}

/**
 * One-off processes. Attached ones are plain containers on the controller's node, removed when they end; detached ones
 * are services, which any later controller finds on any node.
 */
export class OneOffs {
  readonly #ports: OneOffPorts;
  readonly #engine: Containers & Services;
  readonly #clock: Clock;
  /** By app and name, since apps may use the same names. */
  readonly #waiting = new Map<string, PreparedRun>();

  constructor(ports: OneOffPorts) {
    this.#ports = ports;
    this.#engine = ports.engine;
    this.#clock = ports.clock;
  }

  /** Returns a name that no kept one-off of the app (its id) has. */
  async newName(app: string): Promise<string> {
    const taken = new Set((await this.of(app)).map(({ name }) => name));
    for (;;) {
      const name = `run.${randomInt(1000, 10_000 + taken.size)}`;
      if (!taken.has(name)) return name;
    }
  }

  /** Those of an app (its id) on all nodes; detached ones also after their end. */
  of(app: string): Promise<ObservedRun[]> {
    return observeRuns(this.#ports, app);
  }

  /** Prepares a process for `attach`. */
  async prepare(input: OneOffInput): Promise<string> {
    const container = await this.#engine.createContainer(planOneOff(input));
    const key = keyOf(input.app.id, input.name);
    this.#waiting.set(key, { container, tty: input.tty, terminal: input.terminal });
    void this.#clock.sleep(UNCLAIMED_MS).then(() => this.#drop(key));
    return container;
  }

  async attach(app: string, name: string): Promise<RunningOneOff> {
    const key = keyOf(app, name);
    const waiting = this.#waiting.get(key);
    if (!waiting) throw fail('RUN_NOT_FOUND', { run: name });
    this.#waiting.delete(key);
    const { container, tty, terminal } = waiting;
    const attachment = await this.#orRemove(container, async () => {
      const attached = await this.#engine.attachContainer(container, { tty, stdin: true });
      await this.#engine.startContainer(container);
      return attached;
    });
    // Its shell does it before, unless the image has no stty.
    if (terminal) await this.#engine.resizeContainer(container, terminal).catch(() => undefined);
    return { container, tty, attachment, exited: this.#ended(container) };
  }

  /**
   * Starts the service of a detached one-off; its output is in the app's logs until it is swept. Throws RUN_NOT_STARTED
   * or ROLLOUT_UNPLACED, and leaves nothing behind then.
   */
  async startDetached(name: string, spec: ServiceSpec): Promise<void> {
    const service = await this.#engine.createService(spec);
    let task: TaskInfo | undefined;
    const hasStarted = async (): Promise<boolean> => {
      [task] = await this.#engine.tasks({ service });
      return task !== undefined && STARTED.includes(task.state);
    };
    try {
      await waitUntil(this.#clock, { every: LOOK_EVERY_MS, within: START_MS }, hasStarted);
      if (task?.state === 'rejected') throw fail('RUN_NOT_STARTED', { run: name, why: whyEnded(task) });
      if (task?.state === 'pending') throw fail('ROLLOUT_UNPLACED', { type: name, why: task.error });
    } catch (error) {
      await this.#engine.removeService(service).catch(() => undefined);
      throw error;
    }
  }

  /** Runs to the end, reporting each line, and returns the exit code. Aborting kills it. */
  async runToEnd(input: OneOffInput, onLine: (line: string) => void, signal: AbortSignal): Promise<number> {
    const container = await this.#engine.createContainer(planOneOff(input));
    const kill = (): void => void this.#engine.killContainer(container).catch(() => undefined);
    signal.addEventListener('abort', kill, { once: true });
    try {
      await this.#engine.startContainer(container);
      for await (const { line } of this.#engine.containerLogs(container, { follow: true, signal })) onLine(line);
      return await this.#engine.waitContainer(container, signal);
    } finally {
      signal.removeEventListener('abort', kill);
      await this.#engine.removeContainer(container);
    }
  }

  async hangUp(container: string): Promise<void> {
    await this.#engine.killContainer(container, 'SIGHUP').catch(() => undefined);
    await this.#engine.stopContainer(container, STOP_SECONDS).catch(() => undefined);
  }

  /**
   * Ends it with SIGTERM, and SIGKILL after 30 s. Its service stays, with its exit code, unless it has not started.
   * Throws NODE_UNREACHABLE.
   */
  async stop({ service, container, node }: ObservedRun): Promise<void> {
    if (container && node) await (await this.#ports.engines.on(node)).stopContainer(container, STOP_SECONDS);
    else if (service) await this.#engine.removeService(service);
  }

  async #orRemove<T>(container: string, start: () => Promise<T>): Promise<T> {
    try {
      return await start();
    } catch (error) {
      await this.#engine.removeContainer(container).catch(() => undefined);
      throw error;
    }
  }

  async #ended(container: string): Promise<number> {
    const code = await this.#engine.waitContainer(container);
    await this.#engine.removeContainer(container);
    return code;
  }

  async #drop(key: string): Promise<void> {
    const waiting = this.#waiting.get(key);
    if (!waiting) return;
    this.#waiting.delete(key);
    await this.#engine.removeContainer(waiting.container).catch(() => undefined);
  }
}

function keyOf(app: string, name: string): string {
  return `${app} ${name}`;
}
