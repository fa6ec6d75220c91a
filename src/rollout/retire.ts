import { label } from '#labels.ts';
import type { Services } from '#engine';
import type { Generation } from '#store';
import { observeGeneration } from './observe-services.ts';

/** Stops the tasks of a generation and keeps its services. */
export async function retireGeneration(engine: Services, app: string, generation: Generation): Promise<void> {
  const services = await observeGeneration(engine, app, generation);
  await Promise.all(
    services.filter((service) => service.replicas !== 0).map((service) => engine.scaleService(service.id, 0)),
  );
}

/** Processes without requests need no drain: two generations of a worker should overlap as little as possible. */
export async function stopWorkers(engine: Services, app: string, generation: Generation): Promise<void> {
  const workers = (await observeGeneration(engine, app, generation)).filter(
    (service) => service.labels[label.type] !== 'web',
  );
  await Promise.all(
    workers.filter((service) => service.replicas !== 0).map((service) => engine.scaleService(service.id, 0)),
  );
}

export async function removeGeneration(engine: Services, app: string, generation: Generation): Promise<void> {
  const services = await observeGeneration(engine, app, generation);
  await Promise.all(services.map((service) => engine.removeService(service.id)));
}
