import { KIND, label } from '#labels.ts';
import type { ServiceInfo, Services, TaskInfo } from '#engine';
import type { Generation } from '#store';
import { generationOf, isOfGeneration } from './generation.ts';

/** Services of an app's process types, of all generations. */
export async function observeServices(engine: Services, app: string): Promise<ServiceInfo[]> {
  return engine.services({ [label.kind]: KIND.process, [label.app]: app });
}

/** Services of one generation. */
export async function observeGeneration(engine: Services, app: string, generation: Generation): Promise<ServiceInfo[]> {
  const services = await observeServices(engine, app);
  return services.filter(({ labels }) => isOfGeneration(labels, app, generation));
}

/** All tasks of one generation, including failed and replaced ones unless `desired` excludes them. */
export async function observeTasks(
  engine: Services,
  app: string,
  generation: Generation,
  desired: Pick<Parameters<Services['tasks']>[0], 'desired'> = {},
): Promise<TaskInfo[]> {
  const labels = { [label.kind]: KIND.process, [label.app]: app, [label.release]: String(generation.release) };
  const tasks = await engine.tasks({ labels, ...desired });
  return tasks.filter((task) => isOfGeneration(task.labels, app, generation));
}

/** Generations that have services. */
export function generationsOf(services: readonly ServiceInfo[]): Generation[] {
  return services.flatMap(({ labels }) => generationOf(labels) ?? []);
}
