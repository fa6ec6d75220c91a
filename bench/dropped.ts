/**
 * Requests that fail while an app is deployed, rolled back and scaled under open-loop load (GET, POST, kept connections,
 * WebSockets). Usage: npx tsx bench/dropped.ts [--changes 100] [--rate 60]
 */
import { parseArgs } from 'node:util';
import type { Cluster } from '../test/fixtures/cluster.ts';
import { Load } from '../test/fixtures/load.ts';
import { onCluster } from './cluster.ts';
import { median, report, seconds, type Row } from './report.ts';

const { values } = parseArgs({
  options: { changes: { type: 'string', default: '100' }, rate: { type: 'string', default: '60' } },
});

/** A deploy, a config change, a rollback and a scaling, in turns. */
function change(n: number, images: readonly string[]): string[] {
  if (n % 4 === 0) return ['deploy', '-a', 'busy', '--image', images[(n / 4) % 2]!];
  if (n % 4 === 1) return ['config:set', '-a', 'busy', `ROUND=${n}`];
  if (n % 4 === 2) return ['rollback', '-a', 'busy'];
  return ['ps:scale', '-a', 'busy', `web=${1 + ((n >> 2) % 3)}`];
}

async function changes(cluster: Cluster, count: number): Promise<number[]> {
  const images = [await cluster.tiny('busy-one'), await cluster.tiny('busy-two')];
  const samples: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const began = performance.now();
    await cluster.ok(change(n, images));
    samples.push(performance.now() - began);
  }
  return samples;
}

await onCluster('bench-dropped', async (cluster) => {
  await cluster.tinyApp('busy');
  await cluster.tinyApp('quiet');
  let closed = 0;
  const held = await cluster.ws('quiet');
  held.on('close', () => (closed += 1));
  const load = new Load({ ip: cluster.node.ip, host: 'busy.localhost' }).start(Number(values.rate));
  const samples = await changes(cluster, Number(values.changes));
  const { sent, failures, latenciesMs, releases } = await load.stop();
  const rows: Row[] = [
    { what: `failed requests of ${sent}`, value: failures.length, unit: '', budget: 0 },
    { what: 'WebSockets of another app closed', value: closed, unit: '', budget: 0 },
    { what: 'changes', value: samples.length, unit: '' },
    { what: 'releases that answered', value: releases.size, unit: '' },
    { what: 'a change, median', value: seconds(median(samples)), unit: 's' },
    { what: 'slowest answer', value: seconds(latenciesMs.at(-1) ?? Number.NaN), unit: 's' },
  ];
  await report('dropped', rows, { failures: failures.slice(0, 100), changes: samples });
  held.terminate();
});
