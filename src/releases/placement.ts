import { counted } from '#values/counted.ts';
import { label } from '#labels.ts';
import type { ReleasePorts } from './ports.ts';
import type { Event } from '#events';
import { spreadShortfall } from '#nodes';
import { observeTasks } from '#rollout';
import type { AppRecord, Generation } from '#store';

/** Warns about process types that use fewer zones than they could. */
export async function warnOfShortfall(
  { engine }: Pick<ReleasePorts, 'engine'>,
  app: Pick<AppRecord, 'id'>,
  live: Generation,
  emit: (event: Event) => void,
): Promise<void> {
  const [nodes, all] = await Promise.all([engine.nodes(), observeTasks(engine, app.id, live)]);
  const tasks = all.filter((task) => task.desired === 'running' && task.nodeId !== '');
  for (const type of new Set(tasks.map((task) => task.labels[label.type] ?? ''))) {
    const own = tasks.filter((task) => task.labels[label.type] === type);
    const shortfall = spreadShortfall(nodes, [], own);
    if (!shortfall) continue;
    const { zones, possible } = shortfall;
    emit({
      type: 'notice',
      level: 'warning',
      message:
        `${type}: ${counted(own.length, 'tasks')}, ${zones} of ${possible} zones. Run \`mothership nodes\` to ` +
        'see free resources',
    });
  }
}
