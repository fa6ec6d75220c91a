/**
 * `npm run bench`: every benchmark, one after the other, each a process of its own. `npm run bench -- cli router` runs
 * only those. Each prints a table and writes bench-results/<name>.json.
 */
import { spawnSync } from 'node:child_process';

const ALL = [
  'cli',
  'router',
  'rollback',
  'redeploy',
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
const failed: string[] = [];
spawnSync('npx', ['tsx', 'scripts/build.ts'], { stdio: 'inherit' });
for (const name of wanted.length > 0 ? wanted : ALL) {
  process.stderr.write(`\n== ${name}\n`);
  if (spawnSync('npx', ['tsx', `bench/${name}.ts`], { stdio: 'inherit' }).status !== 0) failed.push(name);
}
if (failed.length > 0) {
  process.stderr.write(`These did not finish: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
