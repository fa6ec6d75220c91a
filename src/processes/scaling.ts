import { label } from '#labels.ts';
import type { ProcessPorts } from './ports.ts';
import type { Formation } from '#apps';
import type { ServiceInfo, TaskInfo } from '#engine';
import { fail, isMothershipError } from '#errors';
import { retryWhile } from '#events';
import { whyEnded } from '#rollout';
import type { OperationRun } from '#operations/operations.ts';

/** The time a new web process has to bind its port. */
const PATIENCE_MS = 60_000;
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

  async run(): Promise<void> {
    const changed = this.services.filter((service) => service.replicas !== this.#quantity(service));
    await Promise.all(changed.map((service) => this.parts.engine.scaleService(service.id, this.#quantity(service))));
    const { clock, routes, hub } = this.parts;
    const { signal } = this.work;
    const isIncomplete = (error: unknown): boolean => isMothershipError(error, 'SCALE_INCOMPLETE');
    const version = await retryWhile(
      clock,
      { every: LOOK_EVERY_MS, within: PATIENCE_MS, signal },
      isIncomplete,
      async () => {
        // Each pass also removes stopping tasks from the routes; Swarm waits 2 s before it stops them.
        const latest = await routes.refresh(this.app);
        await this.#check(changed);
        return latest;
      },
    );
    return hub.acknowledged(version, { timeoutMs: 15_000, signal });
  }

  #quantity(service: ServiceInfo): number {
    return this.wanted[service.labels[label.type] ?? '']?.quantity ?? Number(service.replicas);
  }

  /** Throws SCALE_INCOMPLETE while a service has more or fewer processes than it should. */
  async #check(services: readonly ServiceInfo[]): Promise<void> {
    for (const service of services) {
      const tasks = await this.parts.engine.tasks({ service: service.id });
      const current = tasks.filter((task) => task.desired === 'running');
      const up = current.filter((task) => this.#isUp(service, task)).length;
      const wanted = this.#quantity(service);
      if (current.length === wanted && up === wanted) continue;
      throw fail('SCALE_INCOMPLETE', { type: service.labels[label.type] ?? '', up, wanted, why: whyNot(tasks) });
    }
  }

  #isUp(service: ServiceInfo, task: TaskInfo): boolean {
    return task.state === 'running' && (service.labels[label.type] !== 'web' || this.parts.readiness.isReady(task.id));
  }
}

function whyNot(tasks: readonly TaskInfo[]): string {
  const failed = tasks.find((task) => task.state === 'failed' || task.state === 'rejected');
  if (failed) return `a task ${whyEnded(failed)}`;
  const pending = tasks.find((task) => task.state === 'pending');
  return pending?.error ? `a task is waiting for a node: ${pending.error}` : 'they are still starting';
}
