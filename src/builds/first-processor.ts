import { endContainer, type ContainerSpec, type Engine } from '../engine/index.ts';
import type { Clock } from '../events/index.ts';
import { KIND, label } from './labels.ts';
import { BUILD_CPU_SHARES } from './node-limits.ts';

/** What a build wrote is still being written when it has ended, and the next build is often near. */
const LINGER_MS = 60_000;
/** A folder that every kernel has: the engine refuses to start a container for a path that is not there. */
const KERNEL = '/sys/devices/virtual';
/** Which processors the kernel uses for work that it need not do on a certain one; Linux, core-api/workqueue. */
const MASK = 'workqueue/cpumask';

/**
 * Keeps the kernel off the processor that is not the builds' either, while there are builds. What a build wrote the kernel
 * takes to disk in its own name, and an app that wakes waits for that as for another app.
 */
export class FirstProcessor {
  readonly #engine: Engine;
  readonly #clock: Clock;
  #builds = 0;
  #lingering = new AbortController();
  /** Starting and stopping one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #container: string | undefined;

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** `image`: the stack's build image, which has the program. Builds go on without it: what fails is not thrown. */
  async spare<T>(image: string, build: () => Promise<T>): Promise<T> {
    this.#builds += 1;
    this.#lingering.abort();
    this.#next(() => this.#start(image));
    try {
      return await build();
    } finally {
      this.#builds -= 1;
      if (this.#builds === 0) void this.#linger();
    }
  }

  async #linger(): Promise<void> {
    this.#lingering = new AbortController();
    const over = await this.#clock.sleep(LINGER_MS, this.#lingering.signal).then(() => true, () => false);
    if (over) this.#next(() => this.#stop());
  }

  #next(step: () => Promise<void>): void {
    this.#turn = this.#turn.then(step).catch(() => undefined);
  }

  async #start(image: string): Promise<void> {
    if (this.#container) {
      if ((await this.#engine.container(this.#container))?.running) return;
      await this.#engine.removeContainer(this.#container);
    }
    this.#container = await this.#engine.createContainer(containerSpec(image));
    await this.#engine.startContainer(this.#container);
  }

  async #stop(): Promise<void> {
    if (this.#builds === 0 && this.#container) await endContainer(this.#engine, this.#container);
  }
}

/** What earlier lives of this process left. */
export async function endGuards(engine: Engine): Promise<void> {
  const guards = await engine.containers({ [label.kind]: KIND.guard });
  await Promise.all(guards.map(({ id }) => endContainer(engine, id)));
}

function containerSpec(image: string): ContainerSpec {
  return {
    image,
    labels: { [label.kind]: KIND.guard },
    entrypoint: ['/mothership/spare-first'],
    command: [`/kernel/${MASK}`],
    env: {},
    user: '0',
    capDrop: ['ALL'],
    noNewPrivileges: true,
    limits: { memoryBytes: 32 * 1024 ** 2, pids: 8 },
    cpuShares: BUILD_CPU_SHARES,
    mounts: [{ type: 'bind', source: KERNEL, target: '/kernel' }],
    networks: [{ id: 'none' }],
  };
}
