/**
 * How long the program takes to start, compared to `node -e 0`: versions, help, and commands up to where they would use
 * the network. Interleaved rounds; ratios of medians.
 * Usage: npx tsx bench/cli.ts [--rounds 20]
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median, report, rounded, type Row } from './report.ts';

interface Subject {
  readonly name: string;
  readonly argv: readonly string[];
  /** Times `node -e 0`. */
  readonly budget: number;
  readonly wall: number[];
  /** Processor time, which is the same on a busy machine. */
  readonly cpu: number[];
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const program = resolve('bin/mothership');
const folder = await mkdtemp(join(tmpdir(), 'mothership-bench-'));
const env = { PATH: process.env['PATH'], HOME: folder };

function subject(name: string, budget: number, argv: readonly string[]): Subject {
  return { name, argv, budget, wall: [], cpu: [] };
}

/** No user is logged in: each command fails without a cluster, just before it would use the network. */
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

function mean(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}

await writeFile(join(folder, 'Procfile'), 'web: true\n');
for (const each of subjects) measure(each);
for (const each of subjects) each.wall.length = each.cpu.length = 0;
for (let round = 0; round < Number(values.rounds); round++) for (const each of subjects) measure(each);

const [bare, ...commands] = subjects;
const rows = commands.map(({ name, budget, wall, cpu }): Row => ({
  what: name,
  value: median(wall) / median(bare!.wall),
  unit: 'x',
  budget,
  also: { 'median ms': Math.round(median(wall)), 'processor, x': rounded(mean(cpu) / mean(bare!.cpu)) },
}));
await report('cli', [{ what: bare!.name, value: median(bare!.wall), unit: 'ms' }, ...rows], { subjects });
await rm(folder, { recursive: true, force: true });
