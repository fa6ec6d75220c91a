// `npm test`: all lanes on a clean checkout, with no step before it. `npm test -- pure real` runs only those lanes.
import { spawn, spawnSync } from 'node:child_process';
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
  pure: [
    [
      'pure tests',
      mocha('test/**/*.test.ts', [
        'test/**/*.real.test.ts',
        'test/**/*.e2e.test.ts',
        'test/**/*.cluster.test.ts',
        'test/lab/**',
      ]),
    ],
  ],
  real: [['tests on real engines', mocha('test/{lab/*,**/*.real}.test.ts', ['test/cluster/*.real.test.ts'], PATIENCE)]],
  // With the tests of setup, so that this lane takes as long as the one beside it.
  e2e: [
    ['end-to-end tests', mocha('test/e2e/*.e2e.test.ts', [], PATIENCE)],
    ['tests of setup', mocha('test/cluster/*.real.test.ts', [], PATIENCE)],
  ],
  cluster: [['tests on clusters of several machines', mocha('test/e2e/*.cluster.test.ts', [], PATIENCE)]],
};
/** Four machines on one are slow, so they are asked for by name. */
const USUAL = ['static', 'pure', 'real', 'e2e'];

function run(argv) {
  const [file, ...args] = argv;
  return spawnSync(file, args, { stdio: 'inherit' }).status === 0;
}

/** As `run`, beside others. Unless it may speak at once, what it prints is kept and comes in one piece when it has ended. */
function runBeside(argv, env, speaks) {
  const [file, ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: speaks ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(chunk));
    child.once('error', () => resolve({ ok: false, printed: Buffer.concat(printed) }));
    child.once('close', (code) => resolve({ ok: code === 0, printed: Buffer.concat(printed) }));
  });
}

/** npm marks what it installed with a file of its own; an older one than the lock file is out of date. */
function dependenciesAreThere() {
  const mark = 'node_modules/.package-lock.json';
  return existsSync(mark) && statSync(mark).mtimeMs >= statSync('package-lock.json').mtimeMs;
}

/** A step that keeps no counts of its own is one test; a suite that dies before counting is one failure. */
function resultsOf(file, name, ok) {
  const nothing = { counts: { passed: ok ? 1 : 0, failed: 0, skipped: 0 }, failed: [] };
  const { counts, failed } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : nothing;
  return ok || counts.failed > 0 ? { counts, failed } : { counts: { ...counts, failed: 1 }, failed: [name] };
}

async function step(name, argv, { folder, total, failures, speaks }) {
  const file = join(folder, `${name.replaceAll(' ', '-')}.json`);
  const began = Date.now();
  if (speaks) process.stderr.write(`\n== ${name}\n`);
  const { ok, printed } = await runBeside(argv, { MOTHERSHIP_TEST_COUNTS: file }, speaks);
  if (!speaks) process.stderr.write(Buffer.concat([Buffer.from(`\n== ${name}\n`), printed]));
  const { counts, failed } = resultsOf(file, name, ok);
  process.stderr.write(`== ${name}: ${ok ? 'ok' : 'FAILED'}, ${Math.round((Date.now() - began) / 1000)} s\n`);
  for (const key of Object.keys(total)) total[key] += counts[key];
  failures.push(...failed);
}

/** Machines of the two slow lanes mostly wait for each other's parts, so both lanes run at the same time. */
function turns(lanes) {
  const together = lanes.filter((lane) => lane === 'real' || lane === 'e2e');
  const alone = lanes.filter((lane) => !together.includes(lane));
  return [...alone.map((lane) => [lane]), ...(together.length > 0 ? [together] : [])];
}

async function runLane(lane, context) {
  for (const [name, argv] of LANES[lane]) await step(name, argv, context);
}

const total = { passed: 0, failed: 0, skipped: 0 };
/** Told once more at the end, where whoever reads only that finds them. */
const failures = [];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((lane) => !(lane in LANES));
if (unknown.length > 0) {
  process.stderr.write(`There is no lane ${unknown.join(', ')}; there are: ${Object.keys(LANES).join(', ')}\n`);
  process.exit(2);
}
if (!dependenciesAreThere() && !run(['npm', 'ci', '--no-audit', '--no-fund'])) process.exit(1);
const lanes = wanted.length > 0 ? wanted : USUAL;
if (
  ['real', 'e2e', 'cluster'].some((lane) => lanes.includes(lane)) &&
  !run(['npx', 'tsx', 'test/lab/cli.ts', 'start-engine'])
)
  process.exit(1);
const folder = mkdtempSync(join(tmpdir(), 'mothership-test-'));
try {
  for (const turn of turns(lanes)) {
    await Promise.all(turn.map((lane) => runLane(lane, { folder, total, failures, speaks: lane === turn.at(-1) })));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  run(['npx', 'tsx', 'test/lab/cli.ts', 'down', '--stale']);
  run(['npx', 'tsx', 'test/lab/cli.ts', 'stop-engine']);
}
for (const failure of failures) process.stderr.write(`\nFAILED: ${failure}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
