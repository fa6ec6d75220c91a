/**
 * Requests to an app, at a fixed rate, while builds of another app on the same node do their worst, again and again until
 * enough requests were sent. Fails when a request fails or the p99 latency reaches the budget.
 * Usage: npx tsx bench/hostile-builds.ts [--requests 1000] [--rate 50] [--attack 'fork bomb']
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Cluster, Ended } from '../test/fixtures/cluster.ts';
import { Load } from '../test/fixtures/load.ts';
import { onCluster } from './cluster.ts';
import { report, type Row } from './report.ts';

const BUDGET_MS = 50;
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '50' },
    attack: { type: 'string', multiple: true },
  },
});

const FORK_BOMB = 'bomb() { bomb | bomb & }; bomb; sleep 60';
/** Shell commands: the build script of a Node.js app, or a step of a Dockerfile. */
const ATTACKS: Readonly<Record<string, string>> = {
  'fork bomb': FORK_BOMB,
  'fork bomb in a Dockerfile': FORK_BOMB,
  '10 GB file': 'head -c 10G /dev/zero > big; sleep 60',
  'all memory': 'perl -e \'my @a; push @a, "x" x 1e7 while 1\'; sleep 60',
  'all processors': 'for i in 1 2 3 4 5 6 7 8; do perl -e "1 while 1" & done; sleep 60',
  sleep: 'sleep 3h',
};

async function writeApp(cluster: Cluster, script: string): Promise<string> {
  const folder = join(cluster.home, 'hostile');
  await mkdir(folder, { recursive: true });
  const scripts = { build: 'bash build.sh', start: 'node -e "setInterval(() => {}, 1000)"' };
  const files = {
    'package.json': JSON.stringify({ scripts }),
    Procfile: 'worker: npm start\n',
    'build.sh': script,
    'Attack.Dockerfile': `ARG MOTHERSHIP_BUILD_IMAGE\nFROM \${MOTHERSHIP_BUILD_IMAGE}\nRUN ${script}\n`,
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

/** Resolves with what the CLI printed, when the build has ended. */
async function build(cluster: Cluster, attack: string): Promise<Ended> {
  const folder = await writeApp(cluster, ATTACKS[attack]!);
  const dockerfile = attack.includes('Dockerfile') ? ['--dockerfile', 'Attack.Dockerfile'] : [];
  return cluster.mothership(['deploy', '-a', 'hostile', '--path', folder, ...dockerfile]);
}

async function cancelBuilds(cluster: Cluster): Promise<void> {
  const builds = await cluster.json<{ id: string; status: string }[]>(['builds', '-a', 'hostile']);
  for (const { id, status } of builds)
    if (status === 'running') await cluster.mothership(['builds:cancel', id, '-a', 'hostile']);
}

/** Requests from the moment that the first build starts until enough were sent; builds follow one another until then. */
async function measure(cluster: Cluster, attack: string | undefined): Promise<Row[]> {
  const load = new Load({ ip: cluster.node.ip, host: 'victim.localhost' }).start(Number(values.rate));
  const enough = load.until(Number(values.requests));
  let isEnough = false;
  void enough.then(() => (isEnough = true));
  const reasons = new Set<string>();
  let builds = 0;
  while (attack !== undefined && !isEnough) {
    builds += 1;
    const ended = build(cluster, attack);
    await Promise.race([ended, enough]);
    if (isEnough) await cancelBuilds(cluster);
    reasons.add(/The (?:build|Dockerfile) .*/.exec((await ended).stderr)?.[0].slice(0, 90) ?? '');
  }
  await enough;
  const { sent, failures, latenciesMs } = await load.stop();
  const at = (part: number): number => Math.round(latenciesMs[Math.ceil(part * latenciesMs.length) - 1] ?? Number.NaN);
  const name = attack ?? 'no build';
  const also = { builds, 'p50 ms': at(0.5), 'slowest ms': at(1), reasons: [...reasons].join(' | ') };
  return [
    { what: `${name}: p99 of ${sent} requests`, value: at(0.99), unit: 'ms', budget: BUDGET_MS, also },
    { what: `${name}: failed requests`, value: failures.length, unit: '', budget: 0 },
  ];
}

await onCluster('bench-hostile', async (cluster) => {
  await cluster.tinyApp('victim');
  await cluster.ok(['apps:create', 'hostile', '--no-link']);
  // Brings the runtime into the cache: later builds attack at once.
  await cluster.ok(['deploy', '-a', 'hostile', '--path', await writeApp(cluster, 'true')]);
  const chosen = Object.keys(ATTACKS).filter((name) => values.attack?.includes(name) ?? true);
  const rows: Row[] = [];
  for (const attack of [undefined, ...chosen]) rows.push(...(await measure(cluster, attack)));
  await report('hostile-builds', rows);
  if (rows.some(({ value, budget = value }) => !(value <= budget))) process.exitCode = 1;
});
