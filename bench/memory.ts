/**
 * Resident memory of the controller with many apps that run, and how long `mothership apps` takes then.
 * Usage: npx tsx bench/memory.ts [--apps 100]
 */
import { parseArgs } from 'node:util';
import type { Cluster } from '../test/e2e/cluster.ts';
import { onCluster } from './cluster.ts';
import { median, report, seconds } from './report.ts';

const BUDGET_MB = 150;
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
  await report(
    'memory',
    [
      { what: 'controller, no app', value: `${Math.round(empty)} MB`, budget: '', met: '' },
      {
        what: `controller, ${count} apps`,
        value: `${Math.round(full)} MB`,
        budget: `${BUDGET_MB} MB`,
        met: full <= BUDGET_MB,
      },
      {
        what: `mothership apps, ${count} apps`,
        value: `${seconds(median(lists))} s`,
        budget: '0.5 s',
        met: median(lists) <= 500,
      },
      { what: 'create and deploy an image, mean', value: `${seconds(perDeploy)} s`, budget: '', met: '' },
    ],
    { empty, full, lists },
  );
});
