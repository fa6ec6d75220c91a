/**
 * Seconds from the start of a command to the first byte of an answer from the release that it made: a rollback and a
 * config change of an app with one web process. Usage: npx tsx bench/rollback.ts [--rounds 7]
 */
import { parseArgs } from 'node:util';
import type { Cluster } from '../test/e2e/cluster.ts';
import { onCluster } from './cluster.ts';
import { median, report, seconds } from './report.ts';

const BUDGET_S = 1.5;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });

/** Milliseconds until an answer names another release than before. */
async function untilNewRelease(cluster: Cluster, argv: readonly string[]): Promise<number> {
  const release = async (): Promise<string> => (await cluster.http('bench')).body.match(/\bv\d+\b/)?.[0] ?? '';
  const before = await release();
  const began = performance.now();
  const command = cluster.ok(argv);
  let answered = Number.NaN;
  while (Number.isNaN(answered)) {
    if ((await release()) !== before) answered = performance.now() - began;
    else await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await command;
  return answered;
}

await onCluster('bench-rollback', async (cluster) => {
  await cluster.ok(['apps:create', 'bench', '--no-link']);
  const folder = await cluster.copy('examples/hello', 'bench');
  await cluster.ok(['deploy', '-a', 'bench', '--path', folder]);
  await cluster.ok(['config:set', '-a', 'bench', 'ROUND=start']);
  const samples: Record<'rollback' | 'config:set', number[]> = { rollback: [], 'config:set': [] };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    samples.rollback.push(await untilNewRelease(cluster, ['rollback', '-a', 'bench']));
    samples['config:set'].push(await untilNewRelease(cluster, ['config:set', '-a', 'bench', `ROUND=${round}`]));
  }
  const rows = Object.entries(samples).map(([command, all]) => ({
    command,
    'median s': seconds(median(all)),
    'fastest s': seconds(Math.min(...all)),
    'slowest s': seconds(Math.max(...all)),
    budget: BUDGET_S,
    met: median(all) <= BUDGET_S * 1000,
  }));
  await report('rollback', rows, { samples });
});
