// `npm test`: the usual lanes on a clean checkout, with no step before it. `npm test -- unit real` runs only those lanes.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Real engines are slow on a busy machine, but a test that hangs must end. */
const PATIENCE = ['--timeout', '600000'];

function mocha(pattern, ignored = [], flags = []) {
  return ['npx', 'mocha', ...flags, ...ignored.flatMap((glob) => ['--ignore', glob]), pattern];
}

const LANES = {
  static: [
    ['types', ['npx', 'tsc', '-p', '.']],
    ['lint', ['npx', 'eslint', '.']],
    ['import directions', ['npx', 'depcruise', 'src', '--config', '.dependency-cruiser.cjs']],
    ['format', ['npx', 'prettier', '--check', '--log-level', 'warn', '.']],
  ],
  // Needs neither root nor an engine.
  unit: [
    ['build', ['npx', 'tsx', 'scripts/build.ts']],
    [
      'unit tests',
      mocha('test/**/*.test.ts', [
        'test/**/*.real.test.ts',
        'test/**/*.e2e.test.ts',
        'test/**/*.cluster.test.ts',
        'test/lab/**',
      ]),
    ],
  ],
  real: [['tests on real engines', mocha('test/{lab/*,**/*.real}.test.ts', ['test/cluster/*.real.test.ts'], PATIENCE)]],
  // Includes the tests of setup, so that this lane lasts as long as `real`, which runs at the same time.
  e2e: [
    ['end-to-end tests', mocha('test/e2e/*.e2e.test.ts', [], PATIENCE)],
    ['tests of setup', mocha('test/cluster/*.real.test.ts', [], PATIENCE)],
  ],
  cluster: [['tests on clusters of several machines', mocha('test/e2e/*.cluster.test.ts', [], PATIENCE)]],
  corpus: [['Dockerfiles of forty kinds', mocha('test/corpus/*.corpus.ts', [], PATIENCE)]],
  fuzz: [['2,000 hostile inputs', mocha('test/fuzz/*.fuzz.ts', [], ['--timeout', '1800000'])]],
  vm: [['tests on virtual machines', mocha('test/vm/*.vm.ts', [], ['--timeout', '900000'])]],
};
/** Clusters of several machines, fuzzing and virtual machines take more than an hour, so they run by name only. */
const USUAL = ['static', 'unit', 'real', 'e2e'];
const NEED_ENGINE = ['real', 'e2e', 'corpus', 'cluster', 'vm'];
/** The two slow lanes mostly wait, so they run at the same time. */
const TURNS = [['static'], ['unit'], ['fuzz'], ['real', 'e2e'], ['corpus'], ['cluster'], ['vm']];

function run(argv) {
  const [file, ...args] = argv;
  return spawnSync(file, args, { stdio: 'inherit' }).status === 0;
}

/** Runs a program while others run. Without `live`, its output is returned in one piece at the end. */
function runConcurrently(argv, env, live) {
  const [file, ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(chunk));
    child.once('error', () => resolve({ ok: false, printed: Buffer.concat(printed) }));
    child.once('close', (code) => resolve({ ok: code === 0, printed: Buffer.concat(printed) }));
  });
}

/** A step that keeps no counts of its own is one test; a suite that dies before counting is one failure. */
function resultsOf(file, name, ok) {
  const nothing = { counts: { passed: ok ? 1 : 0, failed: 0, skipped: 0 }, failed: [] };
  const { counts, failed } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : nothing;
  return ok || counts.failed > 0 ? { counts, failed } : { counts: { ...counts, failed: 1 }, failed: [name] };
}

const secondsSince = (began) => Math.round((Date.now() - began) / 1000);

async function step(name, argv, { folder, total, failures, live }) {
  const file = join(folder, `${name.replaceAll(' ', '-')}.json`);
  const began = Date.now();
  if (live) process.stderr.write(`\n== ${name}\n`);
  const { ok, printed } = await runConcurrently(argv, { MOTHERSHIP_TEST_COUNTS: file }, live);
  if (!live) process.stderr.write(Buffer.concat([Buffer.from(`\n== ${name}\n`), printed]));
  const { counts, failed } = resultsOf(file, name, ok);
  process.stderr.write(`== ${name}: ${ok ? 'ok' : 'FAILED'}, ${secondsSince(began)} s\n`);
  for (const key of Object.keys(total)) total[key] += counts[key];
  failures.push(...failed);
}

async function runLane(lane, context) {
  const began = Date.now();
  for (const [name, argv] of LANES[lane]) await step(name, argv, context);
  context.times.push(`${lane} ${secondsSince(began)} s`);
}

const total = { passed: 0, failed: 0, skipped: 0 };
/** Repeated at the end of the output. */
const failures = [];
const times = [];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((lane) => !(lane in LANES));
if (unknown.length > 0) {
  process.stderr.write(`There is no lane ${unknown.join(', ')}; there are: ${Object.keys(LANES).join(', ')}\n`);
  process.exit(2);
}
if (!run(['node', 'scripts/dependencies.mjs'])) process.exit(1);
const lanes = wanted.length > 0 ? wanted : USUAL;
const onEngine = lanes.some((lane) => NEED_ENGINE.includes(lane));
if (onEngine && !run(['npx', 'tsx', 'test/lab/cli.ts', 'start-engine'])) process.exit(1);
const folder = mkdtempSync(join(tmpdir(), 'mothership-test-'));
try {
  for (const turn of TURNS.map((together) => together.filter((lane) => lanes.includes(lane)))) {
    const context = { folder, total, failures, times };
    await Promise.all(turn.map((lane) => runLane(lane, { ...context, live: lane === turn.at(-1) })));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  if (onEngine) {
    run(['npx', 'tsx', 'test/lab/cli.ts', 'down', '--stale']);
    run(['npx', 'tsx', 'test/lab/cli.ts', 'stop-engine']);
  }
}
for (const failure of failures) process.stderr.write(`\nFAILED: ${failure}\n`);
process.stderr.write(`\nLanes: ${times.join(', ')}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
