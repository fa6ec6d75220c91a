/**
 * `npm run bench`: every benchmark, one after the other, each a process of its own. `npm run bench -- cli router` runs
 * only those. Each prints its budgets and writes bench-results/NAME.json. What the machine lacks comes from npm and Debian.
 */
import { spawnSync } from 'node:child_process';

const ALL = [
  'cli',
  'router',
  'rollback',
  'redeploy',
  'dockerfile',
  'node-deploy',
  'dropped',
  'memory',
  'scale',
  'faults',
  'hostile-builds',
  'setup',
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !ALL.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(', ')}; there are: ${ALL.join(', ')}\n`);
  process.exit(2);
}
const run = (...argv: string[]): boolean => spawnSync('npx', ['tsx', ...argv], { stdio: 'inherit' }).status === 0;
const failed: string[] = [];
run('scripts/build.ts');
for (const name of wanted.length > 0 ? wanted : ALL) {
  process.stderr.write(`\n== ${name}\n`);
  if (!run(`bench/${name}.ts`)) failed.push(name);
}
// Removes what an interrupted benchmark left, and the engine if the lab started it.
run('test/lab/cli.ts', 'down', '--stale');
run('test/lab/cli.ts', 'stop-engine');
if (failed.length > 0) {
  process.stderr.write(`These did not finish: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
