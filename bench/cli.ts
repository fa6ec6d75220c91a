/**
 * How long the program takes to start beside `node -e 0`: versions, help, and commands up to where they would reach for
 * the network. Interleaved rounds; ratios of medians. Prints a table and writes bench-results/cli.json.
 * Usage: npx tsx bench/cli.ts [--rounds 20]
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

interface Subject {
  readonly name: string;
  readonly argv: readonly string[];
  /** Times `node -e 0`. */
  readonly budget: number;
  readonly wall: number[];
  /** Processor time: it says the same on a machine that is busy with other things. */
  readonly cpu: number[];
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const program = resolve('bin/mothership');
const folder = await mkdtemp(join(tmpdir(), 'mothership-bench-'));
const env = { PATH: process.env['PATH'], HOME: folder };

function subject(name: string, budget: number, argv: readonly string[]): Subject {
  return { name, argv, budget, wall: [], cpu: [] };
}

/** Nobody is logged in: each command fails for want of a cluster, which is where the network would begin. */
const subjects = [
  subject('node -e 0', 1, ['-e', '0']),
  subject('--version', 1.5, [program, '--version']),
  ...[
    '--help',
    'apps --help',
    'config:set --help',
    'deploy --help',
    'setup --help',
    'apps',
    'config',
    'ps:scale web=2',
    'logs',
    'run ls',
    'deploy',
  ].map((line) => subject(line, 2.5, [program, ...line.split(' ')])),
];

function measure({ argv, wall, cpu }: Subject): void {
  const [began, before] = [performance.now(), childTime()];
  spawnSync(process.execPath, argv, { cwd: folder, env, stdio: 'ignore' });
  wall.push(performance.now() - began);
  cpu.push(childTime() - before);
}

/** Milliseconds of processor time of all children that ended: fields 16 and 17 of proc(5), in ticks of 10 ms. */
function childTime(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
}

function mean(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}

await writeFile(join(folder, 'Procfile'), 'web: true\n');
for (const each of subjects) measure(each);
for (const each of subjects) each.wall.length = each.cpu.length = 0;
for (let round = 0; round < Number(values.rounds); round++) for (const each of subjects) measure(each);

const [bare] = subjects;
const rows = subjects.map(({ name, budget, wall, cpu }) => ({
  command: name,
  'median ms': Math.round(median(wall)),
  ratio: Number((median(wall) / median(bare!.wall)).toFixed(2)),
  'cpu ms': Math.round(mean(cpu)),
  'cpu ratio': Number((mean(cpu) / mean(bare!.cpu)).toFixed(2)),
  budget,
  met: median(wall) / median(bare!.wall) <= budget,
}));
console.table(rows);
await mkdir('bench-results', { recursive: true });
await writeFile(
  'bench-results/cli.json',
  `${JSON.stringify({ node: process.version, rounds: Number(values.rounds), rows }, null, 2)}\n`,
);
await rm(folder, { recursive: true, force: true });
