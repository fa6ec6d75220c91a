/**
 * `mothership setup` on one machine whose engine holds no image, phase by phase, and the way back. Phases of images
 * overlap, two at a time. Usage: npx tsx bench/setup.ts
 */
import { cpus, loadavg } from 'node:os';
import { prepare } from '../test/e2e/cluster-fixture.ts';
import { cleanup } from '../test/lab/index.ts';
import { report, seconds } from './report.ts';

const BUDGET_SECONDS = 120;

interface Result {
  readonly ms: number;
  readonly phases: readonly { readonly phase: string; readonly ms: number }[];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const machine = await prepare('bench-setup');
try {
  const flags = ['--yes', '--address', machine.node.ip];
  const load = loadavg()[0];
  const { ms, phases } = await machine.json<Result>(['setup', ...flags]);
  const again = await timed(() => machine.ok(['setup', ...flags]));
  const gone = await timed(() => machine.ok(['cluster:destroy', '--confirm', 'mothership', '--images']));
  const total = seconds(ms);
  await report(
    'setup',
    [
      ...phases.map((phase) => ({ what: phase.phase, seconds: seconds(phase.ms), budget: '', met: '' })),
      {
        what: 'setup, no images present',
        seconds: total,
        budget: `${BUDGET_SECONDS} s`,
        met: total <= BUDGET_SECONDS ? 'yes' : 'no',
      },
      { what: 'setup again, nothing to do', seconds: seconds(again), budget: '', met: '' },
      { what: 'cluster:destroy --images', seconds: seconds(gone), budget: '', met: '' },
    ],
    { processors: cpus().length, loadBefore: load },
  );
} finally {
  await cleanup(machine.node.runId);
}
