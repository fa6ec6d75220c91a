import { type Containers, type Execs, runInContainer, unheard } from '#engine';
import { fail } from '#errors';
import { waitUntil, type Clock } from '#events';
import type { BuildLimits } from '../build.ts';
import {
  PLACE_SECRET,
  secretIndex,
  secretOf,
  SECRETS_READY,
  type SecretMount,
  type SecretStep,
} from './dockerfile-secrets.ts';
import type { BuildOutput } from '../sandbox/output.ts';
import type { Ending } from '../sandbox/ending.ts';
import { hasTooManyProcesses } from '../sandbox/usage-watch.ts';

interface WatchedSteps {
  readonly limits: BuildLimits;
  readonly secretSteps: readonly SecretStep[];
  /** Config vars that steps can use as secrets. */
  readonly config: Readonly<Record<string, string>>;
}

const POLL_MS = 1000;
const START_MS = 50;
const PATIENCE_MS = 20_000;

/**
 * Supervises the containers of a Dockerfile's steps: enforces limits that the classic builder does not have, and
 * provides secrets.
 */
export class StepWatch {
  /** Bytes that each step wrote, as seen last. */
  readonly #written = new Map<string, number>();
  #running: string | undefined;
  #onFailure: (error: unknown) => void = () => undefined;

  constructor(
    private readonly engine: Containers & Execs,
    private readonly clock: Clock,
    private readonly build: WatchedSteps,
  ) {}

  /** Called with a step's container, just before it starts. */
  readonly step = (container: string, text: string): void => {
    this.#running = container;
    void this.#limit(container);
    const index = secretIndex(text);
    const asked = index === undefined ? undefined : this.build.secretSteps[index];
    if (asked) void this.#bring(container, asked.mounts).catch((error: unknown) => this.#onFailure(error));
  };

  /**
   * Resolves with the first exceeded limit and kills the step, or with undefined if `signal` aborts first. Rejects if a
   * secret cannot be provided or disk usage cannot be measured.
   */
  async exceeds(output: BuildOutput, signal: AbortSignal): Promise<Ending | undefined> {
    const ending = await Promise.race([
      this.#disk(signal),
      this.#processes(signal),
      output.exceeded.then(() => ({ by: 'output' }) as const),
      new Promise<never>((_resolve, reject) => {
        this.#onFailure = reject;
      }),
    ]);
    // The reason is known now; the end of many processes may take the engine longer than the build's time.
    if (ending && this.#running) void this.engine.killContainer(this.#running).catch(() => undefined);
    return ending;
  }

  async #limit(container: string): Promise<void> {
    await this.engine.limitContainer(container, { pids: this.build.limits.pids }).catch(() => undefined);
  }

  async #disk(signal: AbortSignal): Promise<Ending | undefined> {
    while (await this.#nextPoll(signal)) {
      const container = this.#running && (await this.engine.container(this.#running, { size: true }));
      if (container) this.#written.set(container.id, container.writtenBytes ?? 0);
      const usedBytes = [...this.#written.values()].reduce((sum, bytes) => sum + bytes, 0);
      if (usedBytes > this.build.limits.diskBytes) return { by: 'disk', usedBytes };
    }
    return undefined;
  }

  async #processes(signal: AbortSignal): Promise<Ending | undefined> {
    while (await this.#nextPoll(signal)) {
      if (this.#running === undefined) continue;
      // Repeated: an engine that is busy, with a fork bomb for example, may have refused it.
      await this.#limit(this.#running);
      const hasTooMany = await hasTooManyProcesses(this.engine, this.#running, this.build.limits).catch(() => false);
      if (hasTooMany) return { by: 'processes' };
    }
    return undefined;
  }

  #nextPoll(signal: AbortSignal): Promise<boolean> {
    return this.clock.sleep(POLL_MS, signal).then(
      () => true,
      () => false,
    );
  }

  async #bring(container: string, mounts: readonly SecretMount[]): Promise<void> {
    await this.#started(container);
    for (const { id, owner, mode, target = '', required } of mounts) {
      const value = secretOf(id, this.build.config);
      if (value === undefined && required) throw fail('DOCKERFILE_SECRET_MISSING', { id });
      if (value !== undefined)
        await this.#run(container, ['/bin/sh', '-c', PLACE_SECRET, 'sh', id, owner, mode, target], value);
    }
    await this.#run(container, ['/bin/sh', '-c', ': > "$1"', 'sh', SECRETS_READY], '');
  }

  async #started(container: string): Promise<void> {
    const isRunning = async (): Promise<unknown> => (await this.engine.container(container))?.running;
    await waitUntil(this.clock, { every: START_MS, within: PATIENCE_MS }, isRunning);
  }

  /** Runs as root in the step's container. */
  async #run(container: string, command: readonly string[], input: string): Promise<void> {
    const { exitCode } = await runInContainer(this.engine, container, { command, user: '0', input, read: unheard });
    if (exitCode !== 0)
      throw fail('DOCKERFILE_FAILED', {
        why: 'its secrets could not be mounted where it asks for them; is there already a file at that path?',
      });
  }
}
