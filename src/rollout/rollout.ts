import { counted } from '#values/counted.ts';
import { label } from '#labels.ts';
import type { Containers, Services, TaskInfo } from '#engine';
import { fail } from '#errors';
import { inPhase, type Clock, type Event } from '#events';
import type { RouterHub } from '#router';
import type { AppRecord, Store } from '#store';
import { generationId } from './generation.ts';
import { bootDeadline } from './boot-deadline.ts';
import { judge, type Verdict } from './judge.ts';
import { lastWords } from './last-words.ts';
import type { LiveRoutes } from './live-routes.ts';
import { observeTasks } from './observe-services.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import { removeGeneration, retireGeneration, stopWorkers } from './retire.ts';
import type { Readiness } from './readiness.ts';

interface RolloutPorts {
  readonly engine: Containers & Services;
  readonly store: Store;
  readonly hub: RouterHub;
  readonly routes: LiveRoutes;
  readonly readiness: Readiness;
  readonly clock: Clock;
  readonly proxyNetwork: string;
}

/** How long routers may take to apply a table. They respond in milliseconds; a dead one is detected in 5 s. */
const ROUTERS_MS = 15_000;
/** Each pause is a fixed share of the time waited so far: fast apps are noticed immediately, slow ones cost little. */
const POLL_MS = { first: 30, most: 1000, growth: 1.07 } as const;

/**
 * Moves an app from one generation to the next: all of its process types or none. Until the routes change, a failure or
 * cancellation removes what was created and leaves the old generation serving; afterwards, the rest is completed.
 */
export class Rollout {
  constructor(
    private readonly ports: RolloutPorts,
    private readonly plan: RolloutPlan,
    private readonly emit: (event: Event) => void,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const version = await this.#switchOver(signal);
    await this.#phase('drained', () => this.#retire(version));
  }

  async #switchOver(signal: AbortSignal): Promise<number> {
    try {
      await this.#phase('start', () => this.#start());
      await this.#phase('ready', () => this.#allReady(signal));
      signal.throwIfAborted();
      return await this.#phase('routed', () => this.#route());
    } catch (error) {
      // What cannot be removed now is removed by the next sweep; the original error matters more.
      await removeGeneration(this.ports.engine, this.plan.app.id, this.plan.target).catch(() => undefined);
      throw error;
    }
  }

  #phase<T>(phase: string, work: () => Promise<T>): Promise<T> {
    return inPhase(phase, work, { clock: this.ports.clock, emit: this.emit });
  }

  async #start(): Promise<void> {
    await Promise.all(this.plan.create.map((spec) => this.ports.engine.createService(spec)));
  }

  async #allReady(signal: AbortSignal): Promise<void> {
    const { clock } = this.ports;
    const deadline = bootDeadline(clock, this.plan.times.bootMs);
    for (let pause: number = POLL_MS.first; ; pause = Math.min(pause * POLL_MS.growth, POLL_MS.most)) {
      const verdicts = await this.#judgeAll();
      if (verdicts.every(({ verdict }) => verdict.kind === 'ready')) return;
      for (const { type, verdict } of verdicts) if (verdict.kind === 'failed') await this.#giveUp(type, verdict);
      if (verdicts.some(({ verdict }) => verdict.kind === 'waiting' && verdict.fetches)) deadline.extend();
      if (deadline.isOver) await this.#giveUpWaiting(verdicts);
      await clock.sleep(pause, signal);
    }
  }

  async #judgeAll(): Promise<{ type: string; verdict: Verdict }[]> {
    const { engine, clock, readiness } = this.ports;
    if (this.plan.create.every((spec) => spec.replicas === 0)) return [];
    const tasks = await observeTasks(engine, this.plan.app.id, this.plan.target);
    await this.#askWeb(tasks);
    return this.plan.create.map((spec) => {
      const type = spec.labels[label.type]!;
      const own = tasks.filter((task) => task.labels[label.type] === type);
      const want = { type, quantity: Number(spec.replicas), image: spec.image, port: Number(spec.labels[label.port]) };
      return { type, verdict: judge(want, own, (id) => readiness.isReady(id), clock.now()) };
    });
  }

  async #askWeb(tasks: readonly TaskInfo[]): Promise<void> {
    const { readiness, proxyNetwork } = this.ports;
    const asked = tasks.filter(
      (task) => task.state === 'running' && task.desired === 'running' && task.labels[label.port],
    );
    await Promise.all(
      asked.map((task) => {
        const address = task.addresses[proxyNetwork];
        return address && readiness.ask(task, address, Number(task.labels[label.port]));
      }),
    );
  }

  async #giveUp(type: string, verdict: Extract<Verdict, { kind: 'failed' }>): Promise<never> {
    const oom = verdict.task.containerId
      ? (await this.ports.engine.container(verdict.task.containerId))?.oomKilled
      : false;
    const lines = await lastWords(this.ports, verdict.task, `${type}.${verdict.task.slot}`, this.emit);
    throw fail('ROLLOUT_TASK_FAILED', {
      lines,
      type: `${type}.${verdict.task.slot}`,
      why: oom ? 'ran out of memory' : verdict.why,
    });
  }

  async #giveUpWaiting(verdicts: readonly { type: string; verdict: Verdict }[]): Promise<never> {
    const slow = verdicts.find(({ verdict }) => verdict.kind === 'waiting')!;
    const verdict = slow.verdict as Extract<Verdict, { kind: 'waiting' }>;
    if (verdict.unplaced) throw fail('ROLLOUT_UNPLACED', { type: slow.type, why: verdict.why });
    if (verdict.task) await lastWords(this.ports, verdict.task, `${slow.type}.${verdict.task.slot}`, this.emit);
    throw fail('ROLLOUT_NEVER_READY', { type: slow.type, seconds: this.plan.times.bootMs / 1000, why: verdict.why });
  }

  /** The switch: records the live release, then waits until every router serves it. */
  async #route(): Promise<number> {
    const { store, routes, hub } = this.ports;
    const { app, target, from } = this.plan;
    await store.apps.update(app.id, (record) => ({
      ...withLive(record, target, from),
      formation: { ...record.formation, ...this.plan.formation },
    }));
    try {
      const version = await routes.refresh(app.id);
      await hub.acknowledged(version, { timeoutMs: ROUTERS_MS });
      return version;
    } catch (error) {
      await store.apps.update(app.id, (record) => withLive(record, from, record.previous));
      await routes.refresh(app.id);
      throw error;
    }
  }

  async #retire(version: number): Promise<void> {
    const { hub, engine } = this.ports;
    const { app, retire, times } = this.plan;
    if (!retire) return;
    await stopWorkers(engine, app.id, retire);
    const left = await hub.drained(generationId(app.id, retire), version, { timeoutMs: times.drainMs });
    if (left > 0)
      this.emit({
        type: 'notice',
        level: 'warning',
        message:
          `After ${times.drainMs / 1000} s, the previous release still had ${counted(left, 'open requests')}; ` +
          'stopping it now',
      });
    await retireGeneration(engine, app.id, retire);
  }
}

function withLive(record: AppRecord, live: AppRecord['live'], previous: AppRecord['previous']): AppRecord {
  const { live: _live, previous: _previous, ...rest } = record;
  return { ...rest, ...(live ? { live } : {}), ...(previous ? { previous } : {}) };
}
