/**
 * What other apps' users notice of a hostile build: the latency of requests through the router, at a fixed rate, while one
 * build after the other does its worst, against the same node at rest right before each, in one run. Neither users nor
 * developers are on the node: who sends the requests gets a processor before all else and the command line only what is left,
 * so that only the router's and the app's waits count; nor do requests count while somebody else takes processors away (`StolenTime` in visitors.ts).
 * "Meanwhile" is from the build's begin until it is over, or for as long as visitors come when it is not: what is stopped at once has
 * few requests, and there are more rounds of it. The slowest hundredth of a round is a handful: those of all are taken together.
 * Usage: npx tsx bench/hostile-builds.ts [--seconds 10] [--rate 60] [--rounds 5] [--attack 'all processors']
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { endGuards } from '../src/builds/build-guard.ts';
import { eventually, type Cluster } from '../test/e2e/cluster.ts';
import { onCluster } from './cluster.ts';
import { report } from './report.ts';
import { Visitors, type Answered, type Visited } from './visitors.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rate: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '5' },
    attack: { type: 'string', multiple: true },
  },
});
const BUDGET = 1.5;
/** A round counts when at least this part of its requests was undisturbed, else it is tried again. */
const CALM = 0.5;
const TRIES = 3;
/** Requests during an attack, of all its rounds, that a hundredth can be told of; and how often to try for them. */
const ENOUGH = 400;
const MOST_ROUNDS = 12;
const SETTLE_MS = 5000;
const WARMED = '/dev/shm/mothership-bench';

/** As the build script of a Node app, and as a step of a Dockerfile. */
const ATTACKS = {
  'fork bomb': 'bomb() { bomb | bomb & }; bomb; sleep 60',
  'fork bomb in a Dockerfile': 'bomb() { bomb | bomb & }; bomb; sleep 60',
  '10 GB file': 'head -c 10G /dev/zero > big; sleep 60',
  '10 GB in files of 100 MB': 'for n in $(seq 100); do head -c 100M /dev/zero > big$n; done; sleep 60',
  'all memory': 'perl -e \'my @a; push @a, "x" x 1e7 while 1\'; sleep 60',
  'all processors': 'for i in 1 2 3 4 5 6 7 8; do perl -e "1 while 1" & done; sleep 60',
  'three hours of sleep': 'sleep 3h',
  /** For comparison: what any build costs that soon ends. */
  'none, a build that fails': 'exit 1',
} as const;

const visit = (cluster: Cluster, visitors: Visitors): Promise<Visited> =>
  visitors.visit({
    address: cluster.node.ip,
    host: 'victim.localhost',
    seconds: Number(values.seconds),
    rate: Number(values.rate),
  });

/** Until nothing is left of the build before: neither what is beside builds, nor what is still being written or removed. */
async function settled(cluster: Cluster): Promise<void> {
  await endGuards(cluster.engine);
  await eventually('what was written to be on disk', 120, async () => {
    const kb = [...(await readFile('/proc/meminfo', 'utf8')).matchAll(/^(?:Dirty|Writeback): +(\d+)/gm)].map(([, n]) =>
      Number(n),
    );
    return kb.reduce((sum, n) => sum + n, 0) < 4096;
  });
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

/**
 * A machine below this one takes back what memory nobody uses for some seconds (free page reporting), and stands still for
 * milliseconds when it is wanted again. What a build may use is used once right before, at rest and meanwhile alike.
 */
async function warmMemory(): Promise<void> {
  await execa('dd', ['if=/dev/zero', `of=${WARMED}`, 'bs=1M', 'count=1024']);
  await rm(WARMED);
}

function percentile(requests: readonly Answered[], p: number): number {
  const times = requests.map(({ took }) => took).sort((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(times.length * p))] ?? Number.NaN;
}
const round = (n: number): number => Number(n.toFixed(2));

async function writeAttack(folder: string, script: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ scripts: { build: 'bash build.sh', start: 'node -e "setInterval(() => {}, 1000)"' } }),
  );
  await writeFile(join(folder, 'Procfile'), 'worker: npm start\n');
  await writeFile(join(folder, 'build.sh'), script);
  await writeFile(
    join(folder, 'Attack.Dockerfile'),
    `ARG MOTHERSHIP_BUILD_IMAGE\nFROM \${MOTHERSHIP_BUILD_IMAGE}\nRUN ${script}\n`,
  );
}

/** What others use meanwhile: an app from a Procfile, as most are. */
async function deployVictim(cluster: Cluster): Promise<void> {
  const folder = join(cluster.home, 'victim');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{}');
  await writeFile(join(folder, 'Procfile'), 'web: node server.js\n');
  await writeFile(
    join(folder, 'server.js'),
    "require('http').createServer((request, response) => response.end('victim\\n')).listen(process.env.PORT);\n",
  );
  await cluster.ok(['apps:create', 'victim', '--no-link']);
  await cluster.ok(['deploy', '-a', 'victim', '--path', folder]);
}

/** A build without malice first: what comes after it has its runtime, and attacks at once. */
async function prepare(cluster: Cluster): Promise<void> {
  const folder = join(cluster.home, 'hostile');
  await writeAttack(folder, 'true');
  await cluster.ok(['deploy', '-a', 'hostile', '--path', folder]);
}

/** The command line, from elsewhere as it were. */
async function mothership(cluster: Cluster, argv: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return execa('chrt', ['--idle', '0', ...cluster.argv(argv)], { cwd: cluster.home, env: cluster.env, reject: false });
}

interface Round {
  readonly quiet: Visited;
  readonly hostile: Visited;
  /** When the build was over, in milliseconds since 1970. */
  readonly overAt: number;
  readonly said: string;
}

async function attack(cluster: Cluster, visitors: Visitors, name: keyof typeof ATTACKS): Promise<Round> {
  const folder = join(cluster.home, 'hostile');
  await writeAttack(folder, ATTACKS[name]);
  const builds = async (): Promise<{ id: string; status: string }[]> =>
    JSON.parse((await mothership(cluster, ['builds', '-a', 'hostile', '--json'])).stdout) as {
      id: string;
      status: string;
    }[];
  await settled(cluster);
  await warmMemory();
  const quiet = await visit(cluster, visitors);
  const [before] = await builds();
  await warmMemory();
  const over = mothership(cluster, [
    'deploy',
    '-a',
    'hostile',
    '--path',
    folder,
    ...(name.includes('Dockerfile') ? ['--dockerfile', 'Attack.Dockerfile'] : []),
  ]).then(({ stderr }) => ({
    overAt: Date.now(),
    said: /(Build stopped.*|Build failed.*|The Dockerfile .*)/.exec(stderr)?.[1]?.slice(0, 90) ?? '',
  }));
  await eventually('the build to run', 60, async () => {
    const [newest] = await builds();
    return newest !== undefined && newest.id !== before?.id && newest.status !== 'queued';
  });
  const hostile = await visit(cluster, visitors);
  const [build] = await builds();
  if (build?.status === 'running') await mothership(cluster, ['builds:cancel', build.id, '-a', 'hostile']);
  return { quiet, hostile, ...(await over) };
}

const calm = ({ requests, disturbed }: Visited): number => requests.length / (requests.length + disturbed);

/** Again when machines beside this one took too much of its time; the calmest. */
async function undisturbed(attempt: () => Promise<Round>): Promise<Round & { calm: number }> {
  const tries: (Round & { calm: number })[] = [];
  do {
    const tried = await attempt();
    tries.push({ ...tried, calm: round(Math.min(calm(tried.quiet), calm(tried.hostile))) });
  } while (tries.at(-1)!.calm < CALM && tries.length < TRIES);
  return tries.sort((a, b) => b.calm - a.calm)[0]!;
}

const attacks = (Object.keys(ATTACKS) as (keyof typeof ATTACKS)[]).filter(
  (name) => values.attack?.includes(name) ?? true,
);

type Phase = 'quiet' | 'meanwhile' | 'tenSeconds';

function row(attack: string, all: Record<Phase, readonly Answered[]>, said: string): Record<string, unknown> {
  const at = (phase: Phase, p: number): number => round(percentile(all[phase], p));
  const ratio = round(percentile(all.meanwhile, 0.99) / percentile(all.quiet, 0.99));
  return {
    attack,
    'p50 at rest, ms': at('quiet', 0.5),
    'p50 meanwhile, ms': at('meanwhile', 0.5),
    'p99 at rest, ms': at('quiet', 0.99),
    'p99 meanwhile, ms': at('meanwhile', 0.99),
    requests: all.meanwhile.length,
    ratio,
    budget: BUDGET,
    met: ratio <= BUDGET,
    'p99 of its ten seconds, ms': at('tenSeconds', 0.99),
    said,
  };
}

async function measure(cluster: Cluster, visitors: Visitors): Promise<void> {
  // As on a machine of its own; other lab nodes may not change the kernel that they share.
  await cluster.node.exec(['mount', '-o', 'remount,rw', '/sys']);
  await deployVictim(cluster);
  await cluster.ok(['apps:create', 'hostile', '--no-link']);
  await prepare(cluster);
  // The visitors' own first requests are slow, whatever is built.
  await visit(cluster, visitors);
  const rows: Record<string, unknown>[] = [];
  const rounds: Record<string, number[]> = {};
  const calms: Record<string, number[]> = {};
  for (const name of attacks) {
    const all = { quiet: [] as Answered[], meanwhile: [] as Answered[], tenSeconds: [] as Answered[] };
    const ratios: number[] = [];
    let last = '';
    while (ratios.length < Number(values.rounds) || (all.meanwhile.length < ENOUGH && ratios.length < MOST_ROUNDS)) {
      const {
        quiet,
        hostile,
        overAt,
        said,
        calm: undisturbedPart,
      } = await undisturbed(() => attack(cluster, visitors, name));
      const meanwhile = hostile.requests.filter(({ at }) => at < overAt);
      (calms[name] ??= []).push(undisturbedPart);
      ratios.push(round(percentile(meanwhile, 0.99) / percentile(quiet.requests, 0.99)));
      process.stderr.write(
        `${name}: ${ratios.at(-1)} times, ${Math.round(100 * undisturbedPart)} % of the requests undisturbed\n`,
      );
      all.quiet.push(...quiet.requests);
      all.meanwhile.push(...meanwhile);
      all.tenSeconds.push(...hostile.requests);
      last = said;
    }
    rounds[name] = ratios;
    rows.push(row(name, all, last));
  }
  await report('hostile-builds', rows, { rounds, undisturbed: calms, clientFirst: visitors.first });
}

const REAL_TIME = '/proc/sys/kernel/sched_rt_runtime_us';

await onCluster('bench-hostile', async (cluster) => {
  const visitors = new Visitors();
  const realTime = await readFile(REAL_TIME, 'utf8');
  try {
    // Where control groups have shares of real time (RT_GROUP_SCHED; few distributions'), a container's is none. As elsewhere, then.
    await writeFile(REAL_TIME, '-1');
    await measure(cluster, visitors);
  } finally {
    visitors.leave();
    // The kernel's settings outlive the node otherwise.
    await writeFile(REAL_TIME, realTime);
    await rm(WARMED, { force: true });
    await endGuards(cluster.engine);
  }
});
