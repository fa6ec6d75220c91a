// `npm test`: all lanes on a clean checkout, with no step before it. `npm test -- pure real` runs only those lanes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Real engines take their time on a busy machine; a test that hangs ends all the same. */
const PATIENCE = ['--timeout', '600000'];

function mocha(pattern, ignored = [], flags = []) {
  return ['npx', 'mocha', ...flags, ...ignored.flatMap((glob) => ['--ignore', glob]), pattern];
}

const LANES = {
  static: [
    ['build', ['npx', 'tsx', 'scripts/build.ts']],
    ['types', ['npx', 'tsc', '-p', '.']],
    ['lint', ['npx', 'eslint', '.']],
    ['import directions', ['npx', 'depcruise', 'src', '--config', '.dependency-cruiser.cjs']],
  ],
  pure: [['pure tests', mocha('test/**/*.test.ts', ['test/**/*.real.test.ts', 'test/**/*.e2e.test.ts', 'test/lab/**'])]],
  real: [['tests on real engines', mocha('test/{lab/*,**/*.real}.test.ts', [], PATIENCE)]],
  e2e: [['end-to-end tests', mocha('test/e2e/*.e2e.test.ts', [], PATIENCE)]],
};

function run(argv, env = {}) {
  const [file, ...args] = argv;
  return spawnSync(file, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;
}

/** npm marks what it installed with a file of its own; an older one than the lock file is out of date. */
function dependenciesAreThere() {
  const mark = 'node_modules/.package-lock.json';
  return existsSync(mark) && statSync(mark).mtimeMs >= statSync('package-lock.json').mtimeMs;
}

/** A step that keeps no counts of its own is one test; a suite that dies before counting is one failure. */
function step(name, argv, folder, total) {
  const file = join(folder, 'counts.json');
  rmSync(file, { force: true });
  const began = Date.now();
  process.stderr.write(`\n== ${name}\n`);
  const ok = run(argv, { MOTHERSHIP_TEST_COUNTS: file });
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  if (!ok && counts.failed === 0) counts.failed = 1;
  process.stderr.write(`== ${name}: ${ok ? 'ok' : 'FAILED'}, ${Math.round((Date.now() - began) / 1000)} s\n`);
  for (const key of Object.keys(total)) total[key] += counts[key];
}

const total = { passed: 0, failed: 0, skipped: 0 };
const wanted = process.argv.slice(2);
const unknown = wanted.filter((lane) => !(lane in LANES));
if (unknown.length > 0) {
  process.stderr.write(`There is no lane ${unknown.join(', ')}; there are: ${Object.keys(LANES).join(', ')}\n`);
  process.exit(2);
}
if (!dependenciesAreThere() && !run(['npm', 'ci', '--no-audit', '--no-fund'])) process.exit(1);
const lanes = wanted.length > 0 ? wanted : Object.keys(LANES);
if ((lanes.includes('real') || lanes.includes('e2e')) && !run(['npx', 'tsx', 'test/lab/cli.ts', 'start-engine'])) process.exit(1);
const folder = mkdtempSync(join(tmpdir(), 'mothership-test-'));
try {
  for (const lane of lanes) {
    for (const [name, argv] of LANES[lane]) step(name, argv, folder, total);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  run(['npx', 'tsx', 'test/lab/cli.ts', 'down', '--stale']);
  run(['npx', 'tsx', 'test/lab/cli.ts', 'stop-engine']);
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
