/**
 * Resident memory of the controller with many running apps, and how long `mothership apps` takes then.
 * Usage: npx tsx bench/memory.ts [--apps 100]
 */
import { parseArgs } from 'node:util';
import type { Cluster } from '../test/fixtures/cluster.ts';
import { onCluster } from './cluster.ts';
import { median, report, seconds, type Row } from './report.ts';

const BUDGET_MB = 150;
const LIST_BUDGET_S = 0.5;
const { values } = parseArgs({ options: { apps: { type: 'string', default: '100' } } });
const count = Number(values.apps);

/** Megabytes of the controller's process, from its own /proc. */
async function controllerMemory(cluster: Cluster): Promise<number> {
  const id = (await cluster.node.docker(['ps', '-q', '--filter', 'name=mothership-controller'])).trim();
  const status = await cluster.node.docker(['exec', id, 'sh', '-c', 'cat /proc/[0-9]*/status']);
  const sizes = [...status.matchAll(/VmRSS:\s+(\d+) kB/g)].map(([, kB]) => Number(kB));
  return Math.max(...sizes) / 1024;
}

await onCluster('bench-memory', async (cluster) => {
  const image = await cluster.tiny('memory');
  const empty = await controllerMemory(cluster);
  const began = performance.now();
  for (let n = 1; n <= count; n += 1) {
    await cluster.ok(['apps:create', `app-${n}`, '--no-link']);
    await cluster.ok(['deploy', '-a', `app-${n}`, '--image', image, '--no-wait']);
  }
  const perDeploy = (performance.now() - began) / count;
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const full = await controllerMemory(cluster);
  const lists: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const start = performance.now();
    await cluster.ok(['apps']);
    lists.push(performance.now() - start);
  }
  const rows: Row[] = [
    { what: 'controller, no app', value: empty, unit: 'MB' },
    { what: `controller, ${count} apps`, value: full, unit: 'MB', budget: BUDGET_MB },
    { what: `mothership apps, ${count} apps`, value: seconds(median(lists)), unit: 's', budget: LIST_BUDGET_S },
    { what: 'create an app and deploy an image, mean', value: seconds(perDeploy), unit: 's' },
  ];
  await report('memory', rows, { lists });
});
