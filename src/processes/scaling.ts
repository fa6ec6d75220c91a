import { label } from '#labels.ts';
import type { ProcessPorts } from './ports.ts';
import type { Formation } from '#apps';
import { isPrepared, type ServiceInfo, type TaskInfo } from '#engine';
import { fail, type MothershipError } from '#errors';
import { bootDeadline, whyEnded } from '#rollout';
import type { OperationRun } from '#operations/operations.ts';

const LOOK_EVERY_MS = 100;

/** Changes the number of tasks, and waits until enough are up and routed and the others are removed from the routes. */
export class Scaling {
  constructor(
    private readonly parts: ProcessPorts,
    private readonly app: string,
    private readonly services: readonly ServiceInfo[],
    private readonly wanted: Formation,
    private readonly work: OperationRun,
  ) {}

  /** `bootMs`: the time that a new process has once its node has the image. Throws SCALE_INCOMPLETE. */
  async run(bootMs: number): Promise<void> {
    const changed = this.services.filter((service) => service.replicas !== this.#quantity(service));
    await Promise.all(changed.map((service) => this.parts.engine.scaleService(service.id, this.#quantity(service))));
    const { clock, routes, hub } = this.parts;
    const { signal } = this.work;
    const deadline = bootDeadline(clock, bootMs);
    for (;;) {
      // Each pass also removes stopping tasks from the routes; Swarm waits 2 s before it stops them.
      const version = await routes.refresh(this.app);
      const tasks = await Promise.all(changed.map(({ id }) => this.parts.engine.tasks({ service: id })));
      const missing = changed.flatMap((service, n) => this.#missing(service, tasks[n] ?? []) ?? []);
      if (missing.length === 0) return hub.acknowledged(version, { timeoutMs: 15_000, signal });
      if (tasks.flat().some(isPrepared)) deadline.extend();
      if (deadline.isOver) throw missing[0]!;
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  #quantity(service: ServiceInfo): number {
    return this.wanted[service.labels[label.type] ?? '']?.quantity ?? Number(service.replicas);
  }

  /** Returns SCALE_INCOMPLETE while the service has more or fewer processes than it should. */
  #missing(service: ServiceInfo, tasks: readonly TaskInfo[]): MothershipError | undefined {
    const current = tasks.filter((task) => task.desired === 'running');
    const up = current.filter((task) => this.#isUp(service, task)).length;
    const wanted = this.#quantity(service);
    if (current.length === wanted && up === wanted) return undefined;
    return fail('SCALE_INCOMPLETE', { type: service.labels[label.type] ?? '', up, wanted, why: whyNot(tasks) });
  }

  #isUp(service: ServiceInfo, task: TaskInfo): boolean {
    return task.state === 'running' && (service.labels[label.type] !== 'web' || this.parts.readiness.isReady(task.id));
  }
}

function whyNot(tasks: readonly TaskInfo[]): string {
  const failed = tasks.find((task) => task.state === 'failed' || task.state === 'rejected');
  if (failed) return `a task ${whyEnded(failed)}`;
  const pending = tasks.find((task) => task.state === 'pending');
  if (pending?.error) return `a task is waiting for a node: ${pending.error}`;
  return tasks.some(isPrepared) ? 'a node is still pulling the image' : 'they are still starting';
}
