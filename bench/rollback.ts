/**
 * Seconds from the start of a command to the first byte from the release that it made: a rollback and a config change of
 * an app with one web process, once its old processes have stopped; a config change right after another, to its end; and
 * a config change of two web processes and a worker under load.
 * Usage: npx tsx bench/rollback.ts [--rounds 7]
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eventually, type Cluster } from '../test/fixtures/cluster.ts';
import { Load } from '../test/fixtures/load.ts';
import { onCluster } from './cluster.ts';
import { median, report, seconds, type Row } from './report.ts';

const APP = 'bench';
/** Enough; the goal is 1 s. */
const BUDGET_S = 1.5;
const UNDER_LOAD_BUDGET_S = 2;
const REQUESTS_PER_SECOND = 20;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });

/** Milliseconds until an answer comes from a new release, and until the command ends. */
interface Sample {
  readonly answered: number;
  readonly ended: number;
}

async function timed(cluster: Cluster, argv: readonly string[]): Promise<Sample> {
  const release = async (): Promise<unknown> => (await cluster.http(APP)).headers['x-release'];
  const before = await release();
  const began = performance.now();
  const since = (): number => performance.now() - began;
  const ended = cluster.ok([...argv, '-a', APP]).then(since);
  while ((await release()) === before) await new Promise((resolve) => setTimeout(resolve, 10));
  return { answered: since(), ended: await ended };
}

let round = 0;
const configSet = (cluster: Cluster): Promise<Sample> => timed(cluster, ['config:set', `ROUND=${(round += 1)}`]);

/** Until the processes of the last release have stopped. */
async function quiet(cluster: Cluster): Promise<void> {
  const filter = { labels: { 'mothership.kind': 'process' } };
  await eventually('old processes to stop', 60, async () =>
    (await cluster.engine.tasks(filter)).every(({ desired }) => desired === 'running'),
  );
}

/** The web app of the tests, with a worker. */
async function deploy(cluster: Cluster): Promise<void> {
  const folder = await cluster.folder(APP);
  await mkdir(folder);
  await cp('test/e2e/tiny-app/server.mjs', join(folder, 'server.mjs'));
  await writeFile(join(folder, 'package.json'), '{"name":"bench","private":true}\n');
  await writeFile(join(folder, 'Procfile'), 'web: node server.mjs\nworker: node server.mjs\n');
  await cluster.ok(['apps:create', APP, '--no-link']);
  await cluster.ok(['deploy', '-a', APP, '--path', folder]);
}

async function underLoad(cluster: Cluster, rounds: number): Promise<{ samples: Sample[]; failed: number }> {
  await cluster.ok(['ps:scale', 'web=2', 'worker=1', '-a', APP]);
  const load = new Load({ ip: cluster.node.ip, host: cluster.hostOf(APP) }).start(REQUESTS_PER_SECOND);
  const samples: Sample[] = [];
  for (let n = 0; n < rounds; n += 1) {
    await quiet(cluster);
    samples.push(await configSet(cluster));
  }
  return { samples, failed: (await load.stop()).failures.length };
}

await onCluster('bench-rollback', async (cluster) => {
  await deploy(cluster);
  await configSet(cluster);
  const rollbacks: Sample[] = [];
  const changes: Sample[] = [];
  const next: Sample[] = [];
  for (let n = 0; n < Number(values.rounds); n += 1) {
    await quiet(cluster);
    rollbacks.push(await timed(cluster, ['rollback']));
    await quiet(cluster);
    changes.push(await configSet(cluster));
    next.push(await configSet(cluster));
  }
  const loaded = await underLoad(cluster, Number(values.rounds));
  const row = (what: string, samples: readonly Sample[], key: keyof Sample, budget: number): Row => {
    const all = samples.map((sample) => sample[key]);
    const also = { 'fastest s': seconds(Math.min(...all)), 'slowest s': seconds(Math.max(...all)) };
    return { what, value: seconds(median(all)), unit: 's', budget, also };
  };
  const slower = median(next.map(({ ended }, index) => ended / changes[index]!.ended));
  const rows: Row[] = [
    row('rollback, to the first byte', rollbacks, 'answered', BUDGET_S),
    row('config:set, to the first byte', changes, 'answered', BUDGET_S),
    row('config:set right after, to its end', next, 'ended', BUDGET_S),
    { what: 'config:set right after, compared to the one before', value: slower, unit: 'x', budget: 1.5 },
    row('2 web + 1 worker under load, to the first byte', loaded.samples, 'answered', UNDER_LOAD_BUDGET_S),
    { what: 'failed requests under load', value: loaded.failed, unit: '', budget: 0 },
  ];
  await report('rollback', rows, { rollbacks, changes, next, loaded });
});
