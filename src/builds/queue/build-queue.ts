import { planBuilds, waitingFor, type BegunBuild, type BuilderNode, type WaitingBuild } from './queue-plan.ts';
import type { Clock } from '#events';

/** A build's turn: it holds a slot on a builder until it is built, and the app until it is over. */
export interface Turn {
  readonly builder: BuilderNode;
  /** Releases the slot on the builder. */
  built(): void;
  /** Lets the app's next build begin. */
  over(): void;
}

interface BuildQueueOptions {
  /** Builders that are ready now. */
  readonly builders: () => Promise<readonly BuilderNode[]>;
  readonly clock: Clock;
  readonly warn: (facts: object, message: string) => void;
}

interface QueuedBuild {
  readonly build: WaitingBuild;
  readonly tell: (message: string) => void;
  readonly begin: (turn: Turn) => void;
  told: string;
}

/** A builder may have been added or come back. */
const LOOK_MS = 3000;

/**
 * Builds of this controller that wait for a builder. If the controller dies, its successor marks them as interrupted.
 */
export class BuildQueue {
  readonly #waiting: QueuedBuild[] = [];
  readonly #begun = new Map<string, BegunBuild>();
  readonly #turns = new Map<string, number>();
  #turn = 0;
  #looking = false;
  #again = false;
  #resting = false;

  constructor(private readonly options: BuildQueueOptions) {}

  /**
   * Resolves when it is the build's turn; call it again for a build whose builder was lost. Calls `tell` with what the
   * build waits for. Rejects with the signal's reason.
   */
  async turn(build: WaitingBuild, signal: AbortSignal, tell: (message: string) => void): Promise<Turn> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const waiting = {
        build,
        tell,
        told: '',
        begin: (turn: Turn) => {
          signal.removeEventListener('abort', leave);
          resolve(turn);
        },
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason as Error);
        void this.#look();
      };
      signal.addEventListener('abort', leave, { once: true });
      // A build whose builder was lost goes to the front, before later deploys of its app.
      if (this.#begun.delete(build.id)) this.#waiting.unshift(waiting);
      else this.#waiting.push(waiting);
      void this.#look();
    });
  }

  /** Whether the app has a queued or running build. */
  has(app: string): boolean {
    return (
      this.#waiting.some(({ build }) => build.app === app) ||
      [...this.#begun.values()].some((begun) => begun.app === app)
    );
  }

  /** One pass at a time; events during a pass trigger another. */
  async #look(): Promise<void> {
    this.#again = true;
    if (this.#looking) return;
    this.#looking = true;
    while (this.#again) {
      this.#again = false;
      await this.#once().catch((error: unknown) => this.options.warn({ err: error }, 'failed to look up builders'));
    }
    this.#looking = false;
    if (this.#waiting.length > 0) void this.#lookLater();
  }

  async #lookLater(): Promise<void> {
    if (this.#resting) return;
    this.#resting = true;
    await this.options.clock.sleep(LOOK_MS).catch(() => undefined);
    this.#resting = false;
    void this.#look();
  }

  async #once(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const builders = await this.options.builders();
    const observed = {
      waiting: this.#waiting.map(({ build }) => build),
      begun: [...this.#begun.values()],
      builders,
      turns: this.#turns,
    };
    for (const { build, builder } of planBuilds(observed)) this.#begin(build, builder);
    const left = {
      waiting: this.#waiting.map(({ build }) => build),
      begun: [...this.#begun.values()],
      turns: this.#turns,
    };
    for (const waiting of this.#waiting) {
      const message = waitingFor(waiting.build, left);
      if (message !== waiting.told) waiting.tell(message);
      waiting.told = message;
    }
  }

  #begin(id: string, builder: BuilderNode): void {
    const index = this.#waiting.findIndex(({ build }) => build.id === id);
    const [waiting] = this.#waiting.splice(index, 1);
    if (!waiting) return;
    const { app } = waiting.build;
    this.#begun.set(id, { app, builder: builder.id });
    this.#turns.set(app, this.#turn++);
    waiting.begin({
      builder,
      built: () => {
        if (this.#begun.has(id)) this.#begun.set(id, { app, builder: undefined });
        void this.#look();
      },
      over: () => {
        this.#begun.delete(id);
        void this.#look();
      },
    });
  }
}
