import { KIND, label } from '#labels.ts';
import type { NodePorts } from '../ports.ts';
import { observeSwarm } from '../observed.ts';
import { planRebalance, type Movable, type RebalanceStep } from './spread.ts';
import { isOfGeneration } from '#rollout';
import { moveApp } from './app-relocation.ts';
import type { OperationRun } from '#operations/operations.ts';
import type { ReleaseFlow } from '#releases/release-flow.ts';

interface RebalancePlan {
  readonly steps: readonly RebalanceStep[];
  readonly names: ReadonlyMap<string, string>;
}

/** Returns which apps to restart so that tasks are even over zones and nodes. */
async function observeRebalance({ engine, store }: NodePorts): Promise<RebalancePlan> {
  const [observed, apps] = await Promise.all([observeSwarm(engine), store.apps.list()]);
  const movables = apps.flatMap((app): Movable[] => {
    const services = observed.services.filter(
      ({ labels }) => labels[label.kind] === KIND.process && isOfGeneration(labels, app.id, app.live),
    );
    return services.length > 0 ? [{ id: app.id, services }] : [];
  });
  return { steps: planRebalance(observed, movables), names: new Map(apps.map((app) => [app.id, app.name])) };
}

/** Restarts one app at a time: each must be up and routed before the next, and the first failure ends it. */
export async function rebalance(
  parts: NodePorts,
  flow: ReleaseFlow,
  by: string,
  work: OperationRun,
): Promise<Record<string, unknown>> {
  const { steps, names } = await observeRebalance(parts);
  const moved: string[] = [];
  for (const { id, why } of steps) {
    const name = names.get(id)!;
    work.emit({ type: 'notice', level: 'info', message: `Restarting ${name}: ${why}` });
    await moveApp(parts, flow, { app: { id, name }, kind: 'rebalance', by }, work);
    moved.push(name);
  }
  return { moved };
}
