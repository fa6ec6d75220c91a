import { KIND, label } from '#labels.ts';
import { ownContainers } from '#ownership.ts';
import { randomInt } from 'node:crypto';
import type { Attachment, Containers } from '#engine';
import { fail } from '#errors';
import type { Clock } from '#events';
import type { TerminalSize } from './command-line.ts';
import { planOneOff, type OneOffInput } from './one-off.ts';

interface PreparedRun {
  readonly container: string;
  readonly app: string;
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
/** A closed terminal ends its program: SIGHUP, then SIGTERM with Heroku's 30 s before SIGKILL. */
const STOP_SECONDS = 30;

/** One-off processes: plain containers outside the app's services, removed when they end. */
export class OneOffs {
  readonly #engine: Containers;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, PreparedRun>();

  constructor({ engine, clock }: { engine: Containers; clock: Clock }) {
    this.#engine = engine;
    this.#clock = clock;
  }

  static newName(): string {
    return `run.${randomInt(1000, 10_000)}`;
  }

  /** Prepares a process for `attach`. */
  async prepare(input: OneOffInput): Promise<string> {
    const container = await this.#engine.createContainer(planOneOff(input));
    this.#waiting.set(input.name, { container, app: input.app.id, tty: input.tty, terminal: input.terminal });
    void this.#clock.sleep(UNCLAIMED_MS).then(() => this.#drop(input.name));
    return container;
  }

  async attach(app: string, name: string): Promise<RunningOneOff> {
    const waiting = this.#waiting.get(name);
    if (!waiting || waiting.app !== app) throw fail('RUN_NOT_FOUND', { run: name });
    this.#waiting.delete(name);
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

  /** Starts it detached; its output is in the app's logs until it is swept. */
  async startDetached(input: OneOffInput): Promise<void> {
    const container = await this.#engine.createContainer(planOneOff(input));
    await this.#orRemove(container, () => this.#engine.startContainer(container));
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

  /** Returns false if there is none with that name. */
  async stop(app: string, name: string): Promise<boolean> {
    const [found] = await ownContainers(this.#engine, {
      [label.kind]: KIND.run,
      [label.app]: app,
      [label.type]: name,
    });
    if (!found) return false;
    await this.#engine.stopContainer(found.id, STOP_SECONDS);
    return true;
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

  async #drop(name: string): Promise<void> {
    const waiting = this.#waiting.get(name);
    if (!waiting) return;
    this.#waiting.delete(name);
    await this.#engine.removeContainer(waiting.container).catch(() => undefined);
  }
}
