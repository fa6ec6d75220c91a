import { KIND, label } from '#labels.ts';
import type { ServiceInfo, Services, TaskInfo } from '#engine';
import type { Generation } from '#store';

/** Services of an app's process types, of all generations. */
export async function observeServices(engine: Services, app: string): Promise<ServiceInfo[]> {
  return engine.services({ [label.kind]: KIND.process, [label.app]: app });
}

/** All tasks of one generation, including failed and replaced ones. */
export async function observeTasks(engine: Services, generation: string): Promise<TaskInfo[]> {
  return engine.tasks({ labels: { [label.kind]: KIND.process, [label.generation]: generation } });
}

export function generationsOf(app: string, services: readonly ServiceInfo[]): Generation[] {
  const byId = new Map(services.map((service) => [service.labels[label.generation] ?? '', service]));
  return [...byId.keys()].flatMap((id) => parseGeneration(app, id) ?? []);
}

/** The inverse of `generationId`; undefined if the id is not of this app. */
export function parseGeneration(app: string, id: string): Generation | undefined {
  if (!id.startsWith(`${app}-`)) return undefined;
  const match = /^(\d+)(?:-(\d+))?$/.exec(id.slice(app.length + 1));
  return match ? { release: Number(match[1]), incarnation: Number(match[2] ?? 1) } : undefined;
}
