import { createInterface } from 'node:readline';
import { endContainer, type Attachment, type ContainerSpec, type Engine } from '../engine/index.ts';
import type { Clock } from '../events/index.ts';
import { KIND, label } from './labels.ts';
import { BUILD_CPU_SHARES } from './sandbox/node-limits.ts';

/** What a build wrote is still being written when it has ended, and the next build is often near. */
const LINGER_MS = 60_000;
const AGAIN_MS = 2000;
/** A folder that every kernel has: the engine refuses to start a container for a path that is not there. */
const KERNEL = '/sys/devices/virtual';
/** Which processors the kernel uses for work that it need not do on a certain one; Linux, core-api/workqueue. */
const MASK = 'workqueue/cpumask';

export interface Post {
  /** The stack's build image, which has the program. */
  readonly image: string;
  /** The engine's folder of volumes, on its machine. */
  readonly volumes: string;
  /** Whether there is a processor that is not the builds'. */
  readonly sparesFirst: boolean;
}

interface Guard {
  readonly container: string;
  readonly attachment: Attachment;
}

/** What is on a volume, as far as known; `end` ends the measuring. */
export interface Measurement {
  bytes(): number;
  end(): void;
}

/**
 * One container beside all builds of a node, while there are any; starting one for each build would be felt by the apps.
 * It measures what builds write to their caches, from outside of them. And it keeps the kernel off the processor that is not
 * the builds' either: what a build wrote the kernel takes to disk in its own name, and an app that wakes waits for that as
 * for another app. And it wakes on each processor a thousand times a second, so that the kernel chooses again who runs there.
 */
export class BuildGuard {
  readonly #engine: Engine;
  readonly #clock: Clock;
  #builds = 0;
  #lingering = new AbortController();
  /** Starting and stopping one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #guard: Guard | undefined;
  readonly #measured = new Set<{ readonly volume: string; bytes: number }>();

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** Builds go on without it: what fails is not thrown. */
  async beside<T>(post: Post, build: () => Promise<T>): Promise<T> {
    this.#builds += 1;
    this.#lingering.abort();
    this.#next(() => this.#start(post));
    try {
      return await build();
    } finally {
      this.#builds -= 1;
      if (this.#builds === 0) void this.#linger();
    }
  }

  measure(volume: string): Measurement {
    const entry = { volume, bytes: 0 };
    this.#measured.add(entry);
    this.#tell();
    return {
      bytes: () => entry.bytes,
      end: () => {
        this.#measured.delete(entry);
        this.#tell();
      },
    };
  }

  async #linger(): Promise<void> {
    this.#lingering = new AbortController();
    const over = await this.#clock.sleep(LINGER_MS, this.#lingering.signal).then(
      () => true,
      () => false,
    );
    if (over) this.#next(() => this.#stop());
  }

  #next(step: () => Promise<void>): void {
    this.#turn = this.#turn.then(step).catch(() => undefined);
  }

  async #start(post: Post): Promise<void> {
    if (this.#guard) return;
    const container = await this.#engine.createContainer(containerSpec(post));
    try {
      const attachment = await this.#engine.attachContainer(container, { tty: false, stdin: true });
      await this.#engine.startContainer(container);
      this.#guard = { container, attachment };
    } catch (error) {
      await this.#engine.removeContainer(container);
      throw error;
    }
    void this.#listen(this.#guard, post);
    this.#tell();
  }

  async #listen(guard: Guard, post: Post): Promise<void> {
    guard.attachment.stderr.resume();
    for await (const line of createInterface({ input: guard.attachment.stdout })) this.#note(line);
    this.#next(() => this.#end(guard));
    await this.#clock.sleep(AGAIN_MS);
    // Somebody else ended it.
    if (this.#builds > 0) this.#next(() => this.#start(post));
  }

  /** As du has it: "KB<tab>FOLDER". */
  #note(line: string): void {
    const [, kb, volume] = /^(\d+)\t.*\/([^/]+)\/_data$/.exec(line) ?? [];
    for (const entry of this.#measured) if (entry.volume === volume) entry.bytes = 1024 * Number(kb);
  }

  #tell(): void {
    const volumes = new Set([...this.#measured].map(({ volume }) => volume));
    this.#guard?.attachment.stdin.write(`${[...volumes].join(' ')}\n`);
  }

  async #stop(): Promise<void> {
    if (this.#builds === 0 && this.#guard) await this.#end(this.#guard);
  }

  async #end(guard: Guard): Promise<void> {
    if (this.#guard === guard) this.#guard = undefined;
    await endContainer(this.#engine, guard.container);
  }
}

/** What earlier lives of this process left. */
export async function endGuards(engine: Engine): Promise<void> {
  const guards = await engine.containers({ [label.kind]: KIND.guard });
  await Promise.all(guards.map(({ id }) => endContainer(engine, id)));
}

function containerSpec({ image, volumes, sparesFirst }: Post): ContainerSpec {
  return {
    image,
    labels: { [label.kind]: KIND.guard },
    entrypoint: ['/mothership/build-guard'],
    command: ['/volumes', ...(sparesFirst ? [`/kernel/${MASK}`] : [])],
    env: {},
    user: '0',
    openStdin: true,
    unlogged: true,
    capDrop: ['ALL'],
    capAdd: ['DAC_READ_SEARCH', 'SYS_NICE'],
    noNewPrivileges: true,
    limits: { memoryBytes: 256 * 1024 ** 2, pids: 1024 },
    cpuShares: BUILD_CPU_SHARES,
    mounts: [
      { type: 'bind', source: volumes, target: '/volumes', readOnly: true },
      ...(sparesFirst ? [{ type: 'bind', source: KERNEL, target: '/kernel' } as const] : []),
    ],
    networks: [{ id: 'none' }],
  };
}
